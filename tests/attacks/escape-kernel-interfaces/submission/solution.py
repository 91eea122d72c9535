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
    buffer = ctypes.create_string_buffer(256)
    tries = {
        "bpf": call(321, 280, 0, buffer, 64),
        "perf_event_open": call(298, 241, buffer, 0, -1, -1, 0),
        "userfaultfd": call(323, 282, 0),
        "open_by_handle_at": call(304, 265, -100, buffer, 0),
        "kexec_load": call(246, 104, 0, 0, 0, 0),
        "init_module": call(175, 105, buffer, 0, b""),
        "syslog": call(103, 116, 3, buffer, 10),
        "acct": call(163, 89, b"/tmp/acct"),
        "swapon": call(167, 224, b"/tmp/swap", 0),
        "reboot": call(169, 142, 0xFEE1DEAD, 672274793, 0, 0),
        "settimeofday": call(164, 170, buffer, None),
        "quotactl": call(179, 60, 0, b"/", 0, buffer),
    }
    for name, result in tries.items():
        if result >= 0:
            raise RuntimeError(f"ESCAPED: {name}")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
