from tests.attacks.packing import Entry, solution, tgz


def make(target):
    (target / "work.tar.gz").write_bytes(tgz(*solution(), Entry("a" * 5000 + ".py", b"x = 1")))
