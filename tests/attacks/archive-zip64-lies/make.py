import struct

from tests.attacks.packing import solution, with_extra, zipped


def make(target):
    extra = struct.pack("<HHQQ", 1, 16, 1 << 60, 1 << 60)
    (target / "work.zip").write_bytes(with_extra(zipped(*solution()), extra))
