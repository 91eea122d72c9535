import stream
from plain import *


def fit(train):
    stream.send({"id": stream.request()["id"], "value": {"../../evil": b"x", "model.pkl": 5}})
