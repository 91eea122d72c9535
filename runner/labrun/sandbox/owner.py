"""Which process answers for a container, so that those of dead processes can be removed."""

import os
import socket
from pathlib import Path

from labrun.domain.record import Record

PROC = Path("/proc/self")
BOOT = Path("/proc/sys/kernel/random/boot_id")
START_FIELD = 19  # of /proc/<pid>/stat after the name in brackets: clock ticks since boot


class Owner(Record):
    """One process; ``started`` tells it from a later process with the same number."""

    host: str
    pid: int
    started: str

    def label(self) -> str:
        """Return it as the value of a container label."""
        return f"{self.host}|{self.pid}|{self.started}"


def current() -> Owner:
    """Return this process."""
    return of(os.getpid())


def of(pid: int) -> Owner:
    """Return the process of this host that has this number now."""
    return Owner(host=socket.gethostname(), pid=pid, started=_started(pid) or "unknown")


def read(label: str) -> Owner | None:
    """Return the owner a label names, or None if it is not one of ours."""
    host, _, rest = label.partition("|")
    pid, _, started = rest.partition("|")
    return Owner(host=host, pid=int(pid), started=started) if pid.isdigit() else None


def is_alive(owner: Owner) -> bool:
    """Return whether the process still runs; one of another host is taken to."""
    if owner.host != socket.gethostname():
        return True
    if not PROC.exists():
        return _exists(owner.pid)
    return _started(owner.pid) == owner.started


def _exists(pid: int) -> bool:
    # Without /proc nobody can tell when it began; a number in use is taken for the same process.
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _started(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = BOOT.read_text(encoding="ascii")[:8]
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else f"{boot}-{fields[START_FIELD]}"
