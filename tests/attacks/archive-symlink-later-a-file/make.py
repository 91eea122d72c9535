import tarfile

from tests.attacks.packing import Entry, solution, tgz


def make(target):
    (target / "work.tar.gz").write_bytes(
        tgz(Entry("solution.py", type=tarfile.SYMTYPE, link="/etc/passwd"), *solution())
    )
