from tests.attacks.packing import CENTRAL, patched, solution, zipped


def make(target):
    (target / "work.zip").write_bytes(patched(zipped(*solution()), CENTRAL, 42, "<L", 1 << 30))
