import stream
from plain import *


def predict(model, features):
    stream.send([1, 2, 3])
    return np.zeros(len(features))
