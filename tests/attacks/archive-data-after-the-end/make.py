from tests.attacks.packing import Entry, solution, tar


def make(target):
    (target / "work.tar").write_bytes(tar(*solution()) + tar(Entry("solution.py", b"x = 1")))
