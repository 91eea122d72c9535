from tests.attacks.packing import pax, solution, tar


def make(target):
    (target / "work.tar").write_bytes(
        pax("solution.py", b"x = 1", {"path": "../canary2.py"}) + tar(*solution())
    )
