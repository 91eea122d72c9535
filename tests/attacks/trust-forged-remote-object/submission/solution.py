import stream
from plain import *


def predict(model, features):
    import msgpack

    head = msgpack.packb({"id": stream.request()["id"], "value": msgpack.ExtType(5, msgpack.packb([1, "array"]))})
    stream.say(len(head).to_bytes(4, "big") + bytes(4) + len(head).to_bytes(8, "big") + head)
    return np.zeros(len(features))
