import tarfile

from tests.attacks.packing import Entry, solution, tgz


def make(target):
    (target / "work.tar.gz").write_bytes(
        tgz(*solution()[:1], Entry("solution.py", type=tarfile.DIRTYPE))
    )
