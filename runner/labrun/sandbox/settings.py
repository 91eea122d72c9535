"""Every setting of a learner's container, in one place; trust.md gives the reason of each."""

import math
from collections.abc import Mapping
from typing import Any

from labrun.domain.lab import Limits
from labrun.domain.record import Record

FIRST_UID = 200_000
UIDS = 1_000_000
NOFILE = 1024
SHM_MB = 64
WORK_MB = 64
TMP_MB = 128
DATA_MB = 256
INODES = 20_000
FEW_INODES = 256
SOCKET_FOLDER = "/run/labrun"
SPACES = ("/tmp", "/work", "/in", "/out", "/dev/shm")  # noqa: S108  (inside the container)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT")
SHIM = ("python3", "-u", "/opt/labrun/shim.py")


class Plan(Record):
    """What differs between one container and the next."""

    image: str
    limits: Limits
    uid: int
    socket_folder: str | None
    seccomp: str
    labels: dict[str, str]
    runtime: str | None = None


def host_config(plan: Plan) -> dict[str, Any]:
    """Return the engine's HostConfig, as keyword arguments of the SDK's `create_host_config`."""
    memory = plan.limits.memory_mb << 20
    options: dict[str, Any] = {
        "read_only": True,
        "network_mode": "none",
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true", f"seccomp={plan.seccomp}"],
        "tmpfs": _tmpfs(plan.uid, plan.limits),
        "pids_limit": plan.limits.pids,
        "mem_limit": memory,
        "memswap_limit": memory,
        "oom_kill_disable": False,
        "nano_cpus": round(plan.limits.cpus * 1e9),
        "shm_size": SHM_MB << 20,
        "ipc_mode": "private",
        "cgroupns": "private",
        "init": True,
        "log_config": {"Type": "none"},
        "ulimits": [
            {"Name": "nofile", "Soft": NOFILE, "Hard": NOFILE},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
        "binds": [f"{plan.socket_folder}:{SOCKET_FOLDER}:ro"] if plan.socket_folder else [],
    }
    if plan.runtime:
        options["runtime"] = plan.runtime
    return options


def container_config(plan: Plan) -> dict[str, Any]:
    """Return the rest of what the engine is told, as keyword arguments of `create_container`."""
    by_stream = plan.socket_folder is None
    return {
        "image": plan.image,
        "command": list(SHIM),
        "entrypoint": [],
        "user": f"{plan.uid}:{plan.uid}",
        "working_dir": "/work",
        "hostname": "lab",
        "environment": environment(plan.limits, socket=not by_stream),
        "labels": plan.labels,
        "stdin_open": by_stream,
        "network_disabled": True,
        "healthcheck": {"Test": ["NONE"]},
    }


def environment(limits: Limits, *, socket: bool) -> dict[str, str]:
    """Return the whole environment learner code sees, beside what the image sets."""
    threads = str(max(1, math.ceil(limits.cpus)))
    found = dict.fromkeys(THREADS, threads)
    found |= {"HOME": "/tmp", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}  # noqa: S108
    if socket:
        found["LABRUN_SOCKET"] = f"{SOCKET_FOLDER}/s"
    return found


def _tmpfs(uid: int, limits: Limits) -> Mapping[str, str]:
    base = f"nosuid,nodev,noexec,uid={uid},gid={uid},mode=0700"
    return {
        "/tmp": f"{base},size={TMP_MB}m,nr_inodes={INODES}",  # noqa: S108  (inside the container)
        "/work": f"{base},size={WORK_MB}m,nr_inodes={INODES}",
        "/in": f"{base},size={DATA_MB}m,nr_inodes={FEW_INODES}",
        "/out": f"{base},size={limits.output_mb + 1}m,nr_inodes={FEW_INODES}",
    }
