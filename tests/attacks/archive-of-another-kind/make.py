import lzma

from tests.attacks.packing import solution, tar


def make(target):
    (target / "work.tar.gz").write_bytes(lzma.compress(tar(*solution())))
