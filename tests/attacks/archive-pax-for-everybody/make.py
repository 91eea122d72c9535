from tests.attacks.packing import pax, solution, tar


def make(target):
    header = pax("pax", b"", {"path": "solution.py"}, type=b"g")
    (target / "work.tar").write_bytes(header + tar(*solution()))
