"""What the Docker engine says of itself."""

from datetime import UTC, datetime
from typing import Any

from labrun.domain.record import Record
from labrun.sandbox.backends.docker import connect, translated


class EngineFacts(Record):
    """One engine; ``ahead_seconds`` is how far its clock is before ours, the way there included."""

    id: str
    version: str
    system: str
    kernel: str
    machine: str
    storage: str
    cgroup: str
    security: tuple[str, ...]
    runtimes: tuple[str, ...]
    runtime: str
    root: str
    cpus: int
    memory_mb: int
    swap_limit: bool
    pids_limit: bool
    warnings: tuple[str, ...]
    ahead_seconds: float | None

    @property
    def has_seccomp(self) -> bool:
        """Return whether it can filter system calls."""
        return any("seccomp" in each for each in self.security)

    @property
    def user_namespaces(self) -> bool:
        """Return whether root in a container is somebody else outside."""
        return any("userns" in each or "rootless" in each for each in self.security)


def facts(engine: str | None) -> EngineFacts:
    """Ask the engine; raise `SandboxError` where none answers."""
    client = connect(engine)
    try:
        with translated("say what it is"):
            asked = datetime.now(UTC)
            info: dict[str, Any] = client.info()
    finally:
        client.close()
    return _facts(info, asked)


def identity(engine: str | None) -> list[str]:
    """Return what tells one engine, on one kernel, set up in one way, from another."""
    found = facts(engine)
    named = (found.id, found.version, found.kernel, found.machine, found.cgroup, found.runtime)
    return [*named, found.storage, *found.security]


def _facts(info: dict[str, Any], asked: datetime) -> EngineFacts:
    driver, version = info.get("CgroupDriver", "?"), info.get("CgroupVersion", "?")
    return EngineFacts(
        id=str(info.get("ID", "")),
        version=str(info.get("ServerVersion", "?")),
        system=str(info.get("OperatingSystem", "?")),
        kernel=str(info.get("KernelVersion", "?")),
        machine=str(info.get("Architecture", "?")),
        storage=str(info.get("Driver", "?")),
        cgroup=f"v{version} ({driver})",
        security=tuple(map(str, info.get("SecurityOptions") or ())),
        runtimes=tuple(sorted(info.get("Runtimes") or {})),
        runtime=str(info.get("DefaultRuntime", "?")),
        root=str(info.get("DockerRootDir", "")),
        cpus=int(info.get("NCPU") or 0),
        memory_mb=int(info.get("MemTotal") or 0) >> 20,
        swap_limit=bool(info.get("SwapLimit")),
        pids_limit=bool(info.get("PidsLimit")),
        warnings=tuple(map(str, info.get("Warnings") or ())),
        ahead_seconds=_ahead(str(info.get("SystemTime", "")), asked),
    )


def _ahead(text: str, asked: datetime) -> float | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        return None
    return round((when - asked).total_seconds(), 3)
