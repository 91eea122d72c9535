from tests.attacks.packing import solution, tgz


def make(target):
    (target / "work.tar.gz").write_bytes(tgz(*solution())[:-100])
