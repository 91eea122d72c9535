import stat

from tests.attacks.packing import Entry, solution, zipped


def make(target):
    (target / "work.zip").write_bytes(
        zipped(*solution()[:1], Entry("solution.py", b"/etc/passwd", mode=stat.S_IFLNK | 0o777))
    )
