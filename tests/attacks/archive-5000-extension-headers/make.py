from tests.attacks.packing import Entry, solution, tar


def make(target):
    header = tar(Entry("x", b"11 a=bcdef\n", type=b"x"))[:1024]
    (target / "work.tar").write_bytes(header * 7000 + tar(*solution()))
