import tarfile

from tests.attacks.packing import Entry, solution, tgz


def make(target):
    links = Entry("./venv/bin/python", type=tarfile.SYMTYPE, link="/usr/bin/python3")
    work = [each._replace(name=f"./{each.name}") for each in solution()]
    (target / "work.tar.gz").write_bytes(
        tgz(Entry("./", type=tarfile.DIRTYPE), *work, Entry("./.git/config", b""), links)
    )
