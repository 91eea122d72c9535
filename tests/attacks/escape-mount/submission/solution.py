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
    tries = {
        "tmpfs": libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
        "proc": libc.mount(b"proc", b"/tmp", b"proc", 0, None),
        "bind": libc.mount(b"/", b"/tmp", None, 4096, None),
        "remount": libc.mount(b"none", b"/", None, 32, None),
        "umount": libc.umount2(b"/proc", 2),
        "pivot_root": call(155, 41, b"/tmp", b"/tmp"),
        "chroot": libc.chroot(b"/tmp"),
        "fsopen": call(430, 430, b"tmpfs", 0),
        "open_tree": call(428, 428, -100, b"/", 1),
        "fsmount": call(432, 432, 0, 0, 0),
    }
    for name, result in tries.items():
        if result >= 0:
            raise RuntimeError(f"ESCAPED: {name}")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
