import random

from tests.attacks.packing import Entry, solution, zipped


def make(target):
    (target / "work.zip").write_bytes(
        zipped(*solution(), Entry("data.bin", random.Random(7).randbytes(26_000_000)), method=0)
    )
