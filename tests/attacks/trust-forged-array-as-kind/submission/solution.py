import stream
from plain import *


def predict(model, features):
    stream.send({"t": np.array(["ended", "callback"]), "id": stream.request()["id"], "value": 1})
    return np.zeros(len(features))
