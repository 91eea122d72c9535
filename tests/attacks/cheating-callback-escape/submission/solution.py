import os

from plain import *


def apply_twice(function, value):
    for name in ("calls", "step", "start"):
        for scope in (function.__globals__, dict(zip(function.__code__.co_freevars, (cell.cell_contents for cell in function.__closure__ or ())))):
            if name in scope:
                raise RuntimeError(f"ESCAPED: {name}")
    return function(function, __class__=os.system) or value
