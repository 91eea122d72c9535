from tests.attacks.packing import Entry, solution, zipped


def make(target):
    (target / "work.zip").write_bytes(
        zipped(*solution()[:1], Entry("solution.py", bytes(60_000_000)))
    )
