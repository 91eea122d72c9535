import socket

import plain
from plain import *


PLACES = [
    (socket.AF_INET, "1.1.1.1", 53),
    (socket.AF_INET, "172.17.0.1", 22),
    (socket.AF_INET, "169.254.169.254", 80),
    (socket.AF_INET6, "2606:4700:4700::1111", 53),
]


def attempt():
    for family, address, port in PLACES:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                with socket.socket(family, kind) as link:
                    link.settimeout(0.3)
                    link.connect((address, port))
                    link.send(b"hello")
            except OSError:
                continue
            raise RuntimeError(f"ESCAPED: {address} by {kind}")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
