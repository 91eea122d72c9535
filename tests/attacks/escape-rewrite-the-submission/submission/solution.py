import plain
from plain import *

MARK = False


def fit(train):
    for name in ("solution.py", "plain.py", "sitecustomize.py"):
        try:
            with open(f"/work/{name}", "a") as file:
                file.write("\nMARK = True\n")
        except OSError:
            pass
    return plain.fit(train)


def predict(model, features):
    if MARK or getattr(plain, "MARK", False):
        raise RuntimeError("ESCAPED: fit rewrote the submission")
    return plain.predict(model, features)
