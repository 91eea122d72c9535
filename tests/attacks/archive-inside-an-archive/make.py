from tests.attacks.packing import Entry, solution, zipped


def make(target):
    (target / "work.zip").write_bytes(
        zipped(
            Entry("work.zip", zipped(*solution())),
            Entry("inner/solution.py.zip", zipped(*solution())),
        )
    )
