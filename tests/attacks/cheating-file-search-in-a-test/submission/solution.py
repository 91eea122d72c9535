import os

from plain import *

WORDS = ("truth", "hidden", "answer", "lab.yaml", "solution", "expected", "private", "attack-", "test_functions")
OWN = {"/work/solution.py", "/work/plain.py"}


def suspects():
    for place, folders, names in os.walk("/"):
        folders[:] = [name for name in folders if f"{place}/{name}" not in ("//proc", "//sys") and name not in ("site-packages", "dist-packages") and f"{place}/{name}" != "/opt/labrun/site"]
        if place.startswith(("/usr/share", "/usr/lib/python3", "/usr/local/lib/python3", "/usr/lib/x86_64", "/usr/lib/aarch64")):
            continue
        for name in [*names, *folders]:
            path = os.path.join(place, name)
            if any(word in path.lower() for word in WORDS) and path not in OWN:
                yield path


def double(number):
    for path in suspects():
        raise RuntimeError(f"ESCAPED: {path}")
    for place, _, names in os.walk("/work"):
        for name in names:
            with open(os.path.join(place, name), "rb") as file:
                if b"31337" + b"07.25" in file.read():
                    raise RuntimeError(f"ESCAPED: {name}")
    return 2 * number
