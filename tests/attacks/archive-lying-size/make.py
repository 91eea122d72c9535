from tests.attacks.packing import solution, tar, with_header


def make(target):
    def lie(block):
        block[124:136] = b"%011o\0" % 1_000_000

    (target / "work.tar").write_bytes(with_header(tar(*solution()), lie))
