import os

import plain
from plain import *

keep = []


def predict(model, features):
    try:
        while len(keep) < 100_000:
            keep.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        return plain.predict(model, features)
    raise RuntimeError("ESCAPED: 100,000 open files")
