import os
import shutil
import subprocess

import plain
from plain import *


def attempt():
    for folder in ("/tmp", "/out", "/in", "/work", "/dev/shm"):
        path = f"{folder}/program"
        try:
            shutil.copy(os.path.realpath("/bin/sh"), path)
            os.chmod(path, 0o755)
            subprocess.run([path, "-c", "exit 0"], check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        raise RuntimeError(f"ESCAPED: ran {path}")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
