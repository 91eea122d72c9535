import stream
from plain import *


def predict(model, features):
    stream.say(b"\xff" * 4096)
    return np.zeros(len(features))
