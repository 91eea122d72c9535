import stream
from plain import *


def fit(train):
    stream.send({"id": stream.request()["id"], "value": {"../../evil": b"x", "/etc/passwd": b"y"}})
