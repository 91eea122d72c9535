import stat

from tests.attacks.packing import Entry, solution, zipped


def make(target):
    (target / "work.zip").write_bytes(
        zipped(*solution(), Entry("notes.py", mode=stat.S_IFCHR | 0o666))
    )
