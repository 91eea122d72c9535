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


def attempt():
    if call(248, 217, b"user", b"labrun", b"x", 1, -3) >= 0:
        raise RuntimeError("ESCAPED: a key was added")
    if call(250, 219, 0, -3, 1) >= 0 or call(249, 218, b"user", b"labrun", None, -3) >= 0:
        raise RuntimeError("ESCAPED: a keyring was opened")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
