import os
import sys

import plain
from plain import *


def attempt():
    shim = sys.modules["__main__"].__file__
    folder = os.path.dirname(os.path.abspath(shim))
    targets = [shim, f"{folder}/wire.py", f"{folder}/new.py", os.__file__, f"{sys.prefix}/new", "/etc/passwd", "/new", "/root/new"]
    for target in targets:
        try:
            open(target, "r+" if os.path.exists(target) else "w").close()
        except OSError:
            pass
        else:
            raise RuntimeError(f"ESCAPED: {target} is writable")
        for change in (os.unlink, lambda path: os.chmod(path, 0o777), lambda path: os.rename(path, path + "x")):
            try:
                change(target)
            except OSError:
                continue
            raise RuntimeError(f"ESCAPED: {target} can be changed")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
