from tests.attacks.packing import LOCAL, patched, solution, zipped


def make(target):
    (target / "work.zip").write_bytes(patched(zipped(*solution()), LOCAL, 22, "<L", 5))
