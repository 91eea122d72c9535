from tests.attacks.packing import Entry, solution, tar, with_header


def make(target):
    body = tar(Entry("solution.py", b"0" * 512), *solution()[:1])

    def sparse(block):
        block[156:157] = b"S"
        block[257:265] = b"ustar  \0"
        block[483:495] = b"%011o\0" % 8_000_000_000

    (target / "work.tar").write_bytes(with_header(body, sparse))
