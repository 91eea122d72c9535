from tests.attacks.packing import Entry, solution, tgz


def make(target):
    (target / "work.tar.gz").write_bytes(
        tgz(*solution(), Entry("\x1b[2J\x1b]0;pwned\x07.py", b"x = 1"))
    )
