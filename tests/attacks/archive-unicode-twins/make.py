from tests.attacks.packing import Entry, solution, zipped


def make(target):
    (target / "work.zip").write_bytes(
        zipped(
            *solution(),
            Entry("caf\u00e9.py", b"x = 1"),
            Entry("cafe\u0301.py", b"x = 2"),
            Entry("\uff53olution.py", b"x = 3"),
        )
    )
