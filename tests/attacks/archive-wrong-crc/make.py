from tests.attacks.packing import CENTRAL, LOCAL, patched, solution, zipped


def make(target):
    body = zipped(*solution())
    body = patched(body, CENTRAL, 16, "<L", 7)
    (target / "work.zip").write_bytes(patched(body, LOCAL, 14, "<L", 7))
