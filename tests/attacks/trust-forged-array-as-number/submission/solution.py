import stream
from plain import *


def predict(model, features):
    stream.send({"id": np.array([1, 2]), "value": 1})
    return np.zeros(len(features))
