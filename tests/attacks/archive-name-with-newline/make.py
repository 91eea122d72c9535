from tests.attacks.packing import Entry, solution, tgz


def make(target):
    (target / "work.tar.gz").write_bytes(tgz(*solution(), Entry("a.py\nPASS  quality", b"x = 1")))
