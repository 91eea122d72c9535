from tests.attacks.packing import zipped


def make(target):
    (target / "work.tar").write_bytes(bytes(10240))
    (target / "work.zip").write_bytes(zipped())
