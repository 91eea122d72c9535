from tests.attacks.packing import solution, tar, without_end, zeros_gzipped


def make(target):
    body = zeros_gzipped(80, without_end(tar(*solution())))
    (target / "work.tar.gz").write_bytes(body)
