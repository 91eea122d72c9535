import gzip


def make(target):
    body = b"x" * 100
    for _ in range(200):
        body = gzip.compress(body)
    (target / "work.tgz").write_bytes(body)
