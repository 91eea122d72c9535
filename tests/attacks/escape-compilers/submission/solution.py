import shutil

import plain
from plain import *


def attempt():
    for name in ("cc", "gcc", "g++", "clang", "ld", "as", "make", "curl", "wget", "ssh", "nc", "sudo", "pip", "gdb", "strace"):
        if found := shutil.which(name):
            raise RuntimeError(f"ESCAPED: {found}")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
