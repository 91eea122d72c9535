from tests.attacks.packing import Entry, solution, tgz


def make(target):
    canary = target.parent / "canary2.py"
    (target / "work.tar.gz").write_bytes(tgz(*solution(), Entry(str(canary), b"x = 1")))
