def make(target):
    (target / "weights.txt").write_bytes(b"1.0 " * 500_000)
