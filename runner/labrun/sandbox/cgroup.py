"""What a container has used, read from its control group: at once, where the engine takes a second.

The engine samples once a second and makes whoever asks wait for the next sample. Where its
containers run on this machine the kernel's own files say the same, to the moment.
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labrun.sandbox.base import Usage

ROOT = Path("/sys/fs/cgroup")
# By version of the interface: where processor time and peak memory stand, and what one unit is.
CPU_V1, CPU_V2 = "cpuacct.usage", "cpu.stat"
MEMORY_V1, MEMORY_V2 = "memory.max_usage_in_bytes", "memory.peak"
NANOSECONDS, MICROSECONDS = 1e9, 1e6
MEGABYTE = 1 << 20


class ControlGroup:
    """The control group of one container; see `of`."""

    def __init__(self, cpu: Path, memory: Path) -> None:
        self._cpu = cpu
        self._memory = memory

    def usage(self) -> Usage | None:
        """Return what was used since the container began; None once it is gone."""
        with contextlib.suppress(OSError, ValueError, StopIteration):
            return Usage(cpu_seconds=self._cpu_seconds(), memory_mb=self._memory_mb())
        return None

    def _cpu_seconds(self) -> float:
        text = self._cpu.read_text(encoding="ascii")
        if self._cpu.name == CPU_V1:
            return int(text) / NANOSECONDS
        line = next(each for each in text.splitlines() if each.startswith("usage_usec "))
        return int(line.split()[1]) / MICROSECONDS

    def _memory_mb(self) -> float:
        return int(self._memory.read_text(encoding="ascii")) / MEGABYTE


def of(container: str, root: Path = ROOT) -> ControlGroup | None:
    """Return the control group of a container by its whole id; None where it is not on this host.

    The engine makes it with either of two drivers, below either version of the interface.
    """
    if not container:
        return None
    for below in (f"docker/{container}", f"system.slice/docker-{container}.scope"):
        old = ControlGroup(root / "cpuacct" / below / CPU_V1, root / "memory" / below / MEMORY_V1)
        new = ControlGroup(root / below / CPU_V2, root / below / MEMORY_V2)
        for group in (old, new):
            if group.usage():
                return group
    return None


def told(stats: Mapping[str, Any]) -> Usage:
    """Return the same of what the engine says, where it runs its containers elsewhere."""
    memory = stats.get("memory_stats", {})
    peak = memory.get("max_usage") or memory.get("usage") or 0
    cpu = stats.get("cpu_stats", {}).get("cpu_usage", {}).get("total_usage")
    return Usage(cpu_seconds=None if cpu is None else cpu / NANOSECONDS, memory_mb=peak / MEGABYTE)
