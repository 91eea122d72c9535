from tests.attacks.packing import pax, solution, tar


def make(target):
    (target / "work.tar").write_bytes(
        pax("solution.py", b"#" * 600, {"size": "512"}) + tar(*solution())
    )
