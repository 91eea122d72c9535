import builtins
import msgpack
import pickle
import socket

import plain
from plain import *


def predict(model, features):
    if hasattr(builtins, "CHEAT"):
        raise RuntimeError(f"ESCAPED: {builtins.CHEAT} was replaced")
    return plain.predict(model, features)
