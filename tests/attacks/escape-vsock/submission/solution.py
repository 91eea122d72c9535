import socket

import plain
from plain import *


FAMILIES = {"vsock": (40, socket.SOCK_STREAM), "netlink": (16, socket.SOCK_RAW), "packet": (17, socket.SOCK_RAW),
            "alg": (38, socket.SOCK_SEQPACKET), "tipc": (30, socket.SOCK_SEQPACKET), "bluetooth": (31, socket.SOCK_RAW), "xdp": (44, socket.SOCK_RAW)}


def attempt():
    for name, (family, kind) in FAMILIES.items():
        try:
            socket.socket(family, kind).close()
        except OSError:
            continue
        raise RuntimeError(f"ESCAPED: a {name} socket")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
