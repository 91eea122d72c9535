from tests.attacks.packing import CENTRAL, LOCAL, patched, solution, zipped


def make(target):
    body = patched(zipped(*solution()), CENTRAL, 8, "<H", 1)
    (target / "work.zip").write_bytes(patched(body, LOCAL, 6, "<H", 1))
