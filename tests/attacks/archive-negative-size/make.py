from tests.attacks.packing import solution, tar, with_header


def make(target):
    def lie(block):
        block[124:136] = b"\xff" * 10 + b"\xfc\x00"

    (target / "work.tar").write_bytes(with_header(tar(*solution()), lie))
