import builtins

import plain
from plain import *


def predict(model, features):
    if hasattr(builtins, "CHEAT"):
        raise RuntimeError(f"ESCAPED: {builtins.CHEAT} was run")
    return plain.predict(model, features)
