from tests.attacks.packing import pax, solution, tar


def make(target):
    records = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.realsize": "8000000000",
    }
    (target / "work.tar").write_bytes(
        pax("solution.py", b"0" * 512, records) + tar(*solution()[:1])
    )
