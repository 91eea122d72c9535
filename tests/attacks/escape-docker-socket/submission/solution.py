import socket

import plain
from plain import *


def attempt():
    for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock"):
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.connect(path)
        except OSError:
            continue
        raise RuntimeError(f"ESCAPED: {path}")
    for address in ("172.17.0.1", "127.0.0.1", "localhost"):
        for port in (2375, 2376):
            try:
                socket.create_connection((address, port), 0.3).close()
            except OSError:
                continue
            raise RuntimeError(f"ESCAPED: {address}:{port}")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
