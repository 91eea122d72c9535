import os
import stat

import plain
from plain import *


def attempt():
    for change in (os.setuid, os.setgid, os.seteuid, lambda number: os.setresuid(number, number, number), lambda number: os.setgroups([number])):
        try:
            change(0)
        except OSError:
            continue
        raise RuntimeError("ESCAPED: became root")
    if os.getuid() < 1000 or os.getgid() < 1000:
        raise RuntimeError(f"ESCAPED: runs as {os.getuid()}:{os.getgid()}")
    for folder in ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/lib", "/usr/libexec"):
        for place, _, names in os.walk(folder):
            for name in names:
                mode = os.lstat(os.path.join(place, name)).st_mode
                if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                    raise RuntimeError(f"ESCAPED: {place}/{name} is set-uid")
    with open("/proc/self/status") as file:
        status = dict(line.split(":\t", 1) for line in file if ":\t" in line)
    if any(int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")):
        raise RuntimeError("ESCAPED: holds a capability")
    if status["NoNewPrivs"].strip() != "1" or status["Seccomp"].strip() != "2":
        raise RuntimeError("ESCAPED: may gain privileges, or is not filtered")


def predict(model, features):
    attempt()
    return plain.predict(model, features)
