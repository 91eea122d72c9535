def make(target):
    (target / "work.zip").write_bytes(b"")
