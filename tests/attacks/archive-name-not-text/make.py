from tests.attacks.packing import Entry, solution, tar, with_header


def make(target):
    body = tar(*solution(), Entry("XY.py", b"x = 1")).replace(b"XY.py", b"\xff\xfe.py")
    at = body.index(b"\xff\xfe.py")
    (target / "work.tar").write_bytes(with_header(body, lambda block: None, at))
