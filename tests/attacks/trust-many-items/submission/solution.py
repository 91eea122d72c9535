import stream
from plain import *


def predict(model, features):
    head = b"\xdd\x3b\x9a\xca\x00"
    stream.say(len(head).to_bytes(4, "big") + bytes(4) + len(head).to_bytes(8, "big") + head)
    return np.zeros(len(features))
