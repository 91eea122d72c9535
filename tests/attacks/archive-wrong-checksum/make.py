from tests.attacks.packing import solution, tar


def make(target):
    body = bytearray(tar(*solution()))
    body[100] ^= 1
    (target / "work.tar").write_bytes(body)
