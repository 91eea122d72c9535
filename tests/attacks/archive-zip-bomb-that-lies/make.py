from tests.attacks.packing import CENTRAL, LOCAL, Entry, patched, solution, zipped


def make(target):
    body = zipped(*solution()[:1], Entry("solution.py", bytes(60_000_000)))
    body = patched(body, CENTRAL, 24, "<L", 900)
    (target / "work.zip").write_bytes(patched(body, LOCAL, 22, "<L", 900))
