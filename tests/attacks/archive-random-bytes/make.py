import random


def make(target):
    (target / "work.zip").write_bytes(random.Random(5).randbytes(5000))
