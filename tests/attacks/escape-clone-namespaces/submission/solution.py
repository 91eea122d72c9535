import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
ARM = platform.machine() in ("aarch64", "arm64")


def call(x86, arm, *arguments):
    values = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return libc.syscall(ctypes.c_long(arm if ARM else x86), *values)

import plain
from plain import *


SIGCHLD = 17


def attempt():
    for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000, 0x2000000):
        child = call(56, 220, flag | SIGCHLD, 0, 0, 0, 0)
        if child == 0:
            os._exit(0)
        if child > 0:
            raise RuntimeError(f"ESCAPED: clone with {flag:#x}")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
