from tests.attacks.packing import solution, tar, with_header


def make(target):
    def lie(block):
        block[124:136] = b"\x80" + b"\x7f" * 11

    (target / "work.tar").write_bytes(with_header(tar(*solution()), lie))
