import random


def make(target):
    (target / "work.zip").write_bytes(b"PK\3\4" + random.Random(6).randbytes(5000))
