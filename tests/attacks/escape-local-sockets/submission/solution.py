import socket

import plain
from plain import *


def attempt():
    try:
        with socket.socket(socket.AF_INET) as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
    except OSError:
        return
    raise RuntimeError("ESCAPED: TCP on loopback though the lab does not allow it")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
