import stream
from plain import *


def predict(model, features):
    stream.send({"t": "callback", "number": 1, "args": ["id"], "kwargs": {}})
    return np.zeros(len(features))
