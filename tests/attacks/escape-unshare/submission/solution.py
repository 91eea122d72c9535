import ctypes
import os

import plain
from plain import *


KINDS = {"user": 0x10000000, "mount": 0x20000, "network": 0x40000000, "pid": 0x20000000, "cgroup": 0x2000000, "ipc": 0x8000000}


def attempt():
    libc = ctypes.CDLL(None, use_errno=True)
    for name, flag in KINDS.items():
        if libc.unshare(flag) == 0 or libc.unshare(flag | KINDS["user"]) == 0:
            raise RuntimeError(f"ESCAPED: a new {name} namespace")
    for name in os.listdir("/proc/1/ns"):
        try:
            descriptor = os.open(f"/proc/1/ns/{name}", os.O_RDONLY)
        except OSError:
            continue
        if libc.setns(descriptor, 0) == 0:
            raise RuntimeError(f"ESCAPED: entered {name}")
    for name in ("uid_map", "setgroups"):
        try:
            with open(f"/proc/self/{name}", "w") as file:
                file.write("0 0 1")
        except OSError:
            continue
        raise RuntimeError(f"ESCAPED: wrote {name}")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
