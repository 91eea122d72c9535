from tests.attacks.packing import Entry, solution, zipped


def make(target):
    (target / "work.zip").write_bytes(zipped(*solution()) + zipped(Entry("other.txt", b"x = 1")))
