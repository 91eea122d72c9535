from tests.attacks.packing import Entry, solution, zipped


def make(target):
    (target / "work.zip").write_bytes(zipped(*solution(), Entry("solution.py", b"x = 1")))
