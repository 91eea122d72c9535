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
    if call(425, 425, 8, ctypes.create_string_buffer(256)) >= 0:
        raise RuntimeError("ESCAPED: an io_uring")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
