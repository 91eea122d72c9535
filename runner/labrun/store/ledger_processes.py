"""Tell whether the process that claimed a submission still lives."""

import os
import socket
import subprocess
from pathlib import Path

from labrun.store.ledger_records import Worker

PROC = Path("/proc")
START = 18  # place in /proc/<pid>/stat after the name (which may hold anything) and the state


def this_worker(name: str) -> Worker:
    """Return this process, so that it can be told from a later one with its pid."""
    pid = os.getpid()
    return Worker(name=name, host=socket.gethostname(), pid=pid, started=_started(pid) or "")


def is_alive(worker: Worker) -> bool:
    """Say whether a worker of this host still runs."""
    return _started(worker.pid) == worker.started


def _started(pid: int) -> str | None:
    if not (PROC / "self").exists():
        return _started_by_ps(pid)
    try:
        stat = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = stat.rpartition(")")[2].split()
    if state in "ZX":  # dead, and only waiting for its parent to look
        return None
    boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}:{fields[START]}"


def _started_by_ps(pid: int) -> str | None:
    command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    return shown.stdout.strip() or None
