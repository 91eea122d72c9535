from tests.attacks.packing import Entry, solution, tgz


def make(target):
    (target / "work.tar.gz").write_bytes(
        tgz(*solution()[:1], Entry("d/" * 50 + "solution.py", b"x = 1"))
    )
