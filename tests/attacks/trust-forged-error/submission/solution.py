import stream
from plain import *


def predict(model, features):
    stream.send({"id": stream.request()["id"], "error": ["SandboxError"] * 10, "message": {"a": 1}, "where": [1, None, "x" * 5000] * 100, "kinds": 7})
    return np.zeros(len(features))
