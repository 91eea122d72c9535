import plain
from plain import *


def fit(train):
    for folder in ("/tmp", "/out", "/in", "/work"):
        try:
            for number in range(1_000_000):
                open(f"{folder}/{number}", "w").close()
                if number > 60_000:
                    raise RuntimeError(f"ESCAPED: {number} files in {folder}")
        except OSError:
            pass
    return plain.fit(train)
