from tests.attacks.packing import CENTRAL, Entry, solution, zipped


def make(target):
    body = zipped(*solution()[:1], Entry("solution.py", solution()[1].body))
    at = body.rindex(b"solution.py", 0, body.rindex(CENTRAL))
    (target / "work.zip").write_bytes(body[:at] + b"innocent.py" + body[at + 11 :])
