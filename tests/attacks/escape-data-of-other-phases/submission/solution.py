import ctypes
import os
import socket

import plain
from plain import *

FOLDERS = ("/tmp", "/dev/shm", "/out", "/in", "/work", "/var/tmp", "/run", "/dev/mqueue", "/run/labrun")
KEY = 0x1ABC0DE
libc = ctypes.CDLL(None, use_errno=True)


def fit(train):
    for folder in FOLDERS:
        try:
            with open(f"{folder}/left", "w") as file:
                file.write("left")
        except OSError:
            pass
    libc.shmget(KEY, 4096, 0o1666)
    if not os.fork():
        os.setsid()
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("\0left")
            server.listen()
            server.accept()
    return plain.fit(train)


def predict(model, features):
    for folder in FOLDERS:
        if os.path.exists(f"{folder}/left"):
            raise RuntimeError(f"ESCAPED: {folder} was kept")
    if libc.shmget(KEY, 4096, 0o666) >= 0:
        raise RuntimeError("ESCAPED: shared memory was kept")
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.connect("\0left")
    except OSError:
        pass
    else:
        raise RuntimeError("ESCAPED: a process of fit is reachable")
    for place, _, names in os.walk("/"):
        if place.startswith(("/proc", "/sys", "/usr", "/opt")):
            continue
        if any(name.startswith("train") for name in names):
            raise RuntimeError(f"ESCAPED: training data in {place}")
    return plain.predict(model, features)
