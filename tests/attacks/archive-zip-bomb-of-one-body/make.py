from tests.attacks.packing import CENTRAL, Entry, patched, solution, zipped


def make(target):
    names = [f"a{number:03}.py" for number in range(40)]
    body = zipped(*solution(), *(Entry(name, b"#" * 20_000) for name in names))
    first = body.index(b"a000.py", 0) - 30
    (target / "work.zip").write_bytes(patched(body, CENTRAL, 42, "<L", first))
