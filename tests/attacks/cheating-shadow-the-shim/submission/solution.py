import builtins
import sys
import wire

import plain
from plain import *


def predict(model, features):
    if hasattr(builtins, "CHEAT") or wire.__file__.startswith("/work"):
        raise RuntimeError("ESCAPED: our module was replaced")
    return plain.predict(model, features)
