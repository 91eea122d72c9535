from tests.attacks.packing import CENTRAL, LOCAL, patched, solution, zipped


def make(target):
    body = zipped(*solution())
    body = patched(body, CENTRAL, 24, "<L", 500_000)
    (target / "work.zip").write_bytes(patched(body, LOCAL, 22, "<L", 500_000))
