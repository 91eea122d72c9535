from tests.attacks.packing import Entry, solution, tgz


def make(target):
    (target / "work.tar.gz").write_bytes(tgz(*solution(), Entry("./solution.py", b"x = 1")))
