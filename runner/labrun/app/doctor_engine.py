"""Examine the Docker engine: what it is, what it can do, and whether its clock is ours."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from labrun.app.finding import Finding, State, found
from labrun.app.settings import Settings
from labrun.sandbox.engine import EngineFacts, facts

GVISOR = "runsc"
MOST_SKEW = 5.0  # seconds; the way to the engine is in it
FREE_GB = 5
X86 = ("x86_64", "amd64")


def engine_findings(settings: Settings) -> Iterator[Finding]:
    """Yield what the engine says of itself; raise `SandboxError` where none answers."""
    engine = facts(settings.engine)
    yield found("engine", f"Docker {engine.version} on {engine.system}, kernel {engine.kernel}")
    yield found("storage", f"driver {engine.storage}")
    yield _limits(engine)
    yield _seccomp(engine)
    yield _user_namespaces(engine)
    yield _runtime(engine, settings)
    yield _clock(engine)
    if (root := Path(engine.root)).is_dir():
        yield disk("engine's disk", root, "free some space, or run: docker image prune")
    for text in engine.warnings:
        yield found("engine's own warning", text, state="warning", help="see the engine's manual")


def disk(name: str, folder: Path, help_: str) -> Finding:
    """Return how much room there is where ``folder`` lies."""
    free = shutil.disk_usage(folder).free / 1e9
    state: State = "ok" if free >= FREE_GB else "warning"
    return found(name, f"{free:.0f} GB free in {folder}", state=state, help=help_)


def _limits(engine: EngineFacts) -> Finding:
    known = {"swap": engine.swap_limit, "processes": engine.pids_limit}
    missing = [name for name, can in known.items() if not can]
    detail = f"version {engine.cgroup}, {engine.cpus} processors, {engine.memory_mb:,} MB"
    if not missing:
        return found("control groups", detail)
    detail += f"; cannot limit {', '.join(missing)}"
    help_ = "boot the kernel with cgroup_enable=memory swapaccount=1"
    return found("control groups", detail, state="failed", help=help_)


def _seccomp(engine: EngineFacts) -> Finding:
    if not engine.has_seccomp:
        help_ = "use an engine and a kernel with seccomp: every other wall leans on it"
        return found("seccomp", "the engine has none", state="failed", help=help_)
    if engine.machine not in X86:
        detail = f"labrun's list of system calls is for x86-64, this is {engine.machine}"
        return found("seccomp", detail, state="warning", help="grade exams on an x86-64 machine")
    return found("seccomp", "known to the engine; labrun brings its own list of system calls")


def _user_namespaces(engine: EngineFacts) -> Finding:
    if engine.user_namespaces:
        return found("user namespaces", "root in a container is nobody outside")
    detail = "not used by the engine; learner code has a user id of its own and is never root"
    return found("user namespaces", detail)


def _runtime(engine: EngineFacts, settings: Settings) -> Finding:
    chosen = settings.runtime or engine.runtime
    known = f"{chosen} is used; the engine knows {', '.join(engine.runtimes)}"
    if settings.runtime and settings.runtime not in engine.runtimes:
        help_ = "install it and name it in the engine's daemon.json, or unset LABRUN_RUNTIME"
        return found("runtime", f"{chosen} is not known", state="failed", help=help_)
    if chosen != GVISOR and GVISOR in engine.runtimes:
        return found("runtime", f"{known}; LABRUN_RUNTIME={GVISOR} puts gVisor between")
    if chosen == GVISOR:
        return found("runtime", f"{known}: gVisor stands before the kernel")
    return found("runtime", f"{known}; no gVisor ({GVISOR}), so the kernel is the last wall")


def _clock(engine: EngineFacts) -> Finding:
    ahead = engine.ahead_seconds
    if ahead is None:
        help_ = "update the engine: attempts and deadlines go by the clock of this machine"
        return found("engine's clock", "not told", state="warning", help=help_)
    state: State = "ok" if abs(ahead) <= MOST_SKEW else "warning"
    help_ = "set the clock of both machines by NTP (timedatectl set-ntp true)"
    return found("engine's clock", f"{ahead:+.2f} s from ours", state=state, help=help_)
