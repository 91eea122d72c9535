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
    if libc.ptrace(0, 0, 0, 0) == 0:
        raise RuntimeError("ESCAPED: may be traced")
    child = os.fork()
    if not child:
        os.read(os.pipe()[0], 1)
    try:
        if libc.ptrace(16, child, 0, 0) == 0 or libc.ptrace(0x4206, child, 0, 0) == 0:
            raise RuntimeError("ESCAPED: traces a child")
        buffer = ctypes.create_string_buffer(8)
        vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)
        if call(310, 270, child, vector, 1, vector, 1, 0) >= 0 or call(311, 271, child, vector, 1, vector, 1, 0) >= 0:
            raise RuntimeError("ESCAPED: reads the memory of a process")
        if call(438, 438, call(434, 434, child, 0), 0, 0) >= 0:
            raise RuntimeError("ESCAPED: takes descriptors of a process")
    finally:
        os.kill(child, 9)


def predict(model, features):
    attempt()
    return plain.predict(model, features)
