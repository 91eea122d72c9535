from tests.attacks.packing import solution, tar, without_end


def make(target):
    (target / "work.tar").write_bytes(without_end(tar(*solution())))
