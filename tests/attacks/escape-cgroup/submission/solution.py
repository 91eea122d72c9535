import os

import plain
from plain import *


def attempt():
    for place, folders, names in os.walk("/sys/fs/cgroup"):
        for name in names:
            if name in ("release_agent", "notify_on_release", "cgroup.procs", "tasks", "cgroup.subtree_control") or name.endswith(("_in_bytes", ".max", "quota_us")):
                try:
                    os.close(os.open(os.path.join(place, name), os.O_WRONLY))
                except OSError:
                    continue
                raise RuntimeError(f"ESCAPED: {place}/{name} is writable")
        try:
            os.mkdir(os.path.join(place, "mine"))
        except OSError:
            continue
        raise RuntimeError(f"ESCAPED: a new group in {place}")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
