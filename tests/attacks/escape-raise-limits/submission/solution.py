import os
import resource

import plain
from plain import *


def attempt():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    tries = {
        "more files": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (hard * 2, hard * 2)),
        "core dumps": lambda: resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20)),
        "priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, -10),
        "real time": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)),
        "spared by the out-of-memory killer": lambda: os.write(os.open("/proc/self/oom_score_adj", os.O_WRONLY), b"-1000"),
    }
    for name, change in tries.items():
        try:
            change()
        except (OSError, ValueError):
            continue
        raise RuntimeError(f"ESCAPED: {name}")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
