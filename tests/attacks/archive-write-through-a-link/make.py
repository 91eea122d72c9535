import tarfile

from tests.attacks.packing import Entry, solution, tgz


def make(target):
    link = Entry("d", type=tarfile.SYMTYPE, link=str(target.parent))
    (target / "work.tar.gz").write_bytes(tgz(*solution(), link, Entry("d/canary2.py", b"x = 1")))
