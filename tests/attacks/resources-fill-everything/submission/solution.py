import itertools

from plain import *


def fit(train):
    block = b"x" * (1 << 20)
    for folder, number in itertools.product(("/tmp", "/dev/shm", "/work", "/in", "/out"), range(400)):
        try:
            with open(f"{folder}/{number}", "wb", buffering=0) as file:
                file.write(block)
        except OSError:
            pass
    raise RuntimeError("ESCAPED: more than the memory limit was kept")
