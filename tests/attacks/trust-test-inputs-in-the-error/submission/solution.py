import sys

from plain import *


def rms(values):
    print(values.tolist(), flush=True)
    print(values.tolist(), file=sys.stderr, flush=True)
    raise type(f"E{int(values[-1])}", (ValueError,), {})(f"{values.tolist()}")
