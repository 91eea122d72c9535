from tests.attacks.packing import Entry, solution, tgz


def make(target):
    (target / "work.tar.gz").write_bytes(tgz(*solution(), Entry("plain.py/extra.py", b"x = 1")))
