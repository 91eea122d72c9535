from tests.attacks.packing import Entry, solution, zipped


def make(target):
    (target / "work.zip").write_bytes(zipped(*solution(), Entry("a\u202eyp.exe", b"x = 1")))
