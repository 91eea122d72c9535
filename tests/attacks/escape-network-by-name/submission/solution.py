import socket
import urllib.request

import plain
from plain import *


def attempt():
    for name in ("example.com", "host.docker.internal", "metadata.google.internal"):
        try:
            found = socket.getaddrinfo(name, 80)
        except OSError:
            continue
        raise RuntimeError(f"ESCAPED: {name} is {found}")
    try:
        urllib.request.urlopen("http://example.com/", timeout=0.5)
    except OSError:
        return
    raise RuntimeError("ESCAPED: a page was fetched")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
