import os
import stat

import plain
from plain import *


def attempt():
    for path, mode, number in (("/tmp/disk", stat.S_IFBLK, os.makedev(8, 0)), ("/tmp/memory", stat.S_IFCHR, os.makedev(1, 1)), ("/dev/kvm2", stat.S_IFCHR, os.makedev(10, 232))):
        try:
            os.mknod(path, mode | 0o666, number)
        except OSError:
            continue
        raise RuntimeError(f"ESCAPED: made {path}")
    for path in ("/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/kvm", "/dev/fuse", "/dev/net/tun", "/proc/kcore", "/proc/kmsg", "/dev/vsock"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            body = os.read(descriptor, 16)
        except OSError:
            continue
        if body:
            raise RuntimeError(f"ESCAPED: read {path}")
    if set(os.listdir("/dev")) - {"core", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero", "console"}:
        raise RuntimeError(f"ESCAPED: devices {os.listdir('/dev')}")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
