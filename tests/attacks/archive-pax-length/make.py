from tests.attacks.packing import Entry, solution, tar


def make(target):
    header = tar(Entry("x", b"0 path=a\n" * 5, type=b"x"))[:1024]
    (target / "work.tar").write_bytes(header + tar(*solution()))
