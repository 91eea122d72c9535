"""Try each wall of the sandbox from inside, with the settings every submission gets."""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from labrun.domain.lab import Limits
from labrun.domain.record import Record
from labrun.sandbox import seccomp, settings
from labrun.sandbox.base import PhaseEnded, Sandbox
from labrun.sandbox.session import Session
from labrun.sandbox.walls import Wall, judged

LIMITS = Limits(wall_seconds=30, memory_mb=512, pids=64, output_mb=4)
HOG_LIMITS = Limits(wall_seconds=20, memory_mb=128, pids=64, output_mb=4)
LOOK_SECONDS = 60.0
HOG_SECONDS = 20.0
SPIN_SECONDS = 2.0
KILL_SECONDS = 10.0
CHILDREN = 4 * LIMITS.pids


class Survey(Record):
    """What was seen from inside: raw facts, as the explorer names them, and the walls judged."""

    seen: dict[str, Any]
    walls: tuple[Wall, ...]


def probe(sandbox: Sandbox, labels: Mapping[str, str]) -> Iterator[Wall]:
    """Yield every wall; raise `SandboxError` if the engine itself fails."""
    yield from survey(sandbox, labels).walls
    yield from endings(sandbox, labels)


def survey(sandbox: Sandbox, labels: Mapping[str, str]) -> Survey:
    """Look round in one container; raise `SandboxError` if the engine itself fails."""
    asked = {"args": [_spaces(), CHILDREN], "function": "look"}
    try:
        seen = _asked(sandbox, labels, asked, LIMITS, LOOK_SECONDS)
    except PhaseEnded as ended:
        said = ended.error.message if ended.error else ended.detail
        wall = Wall(name="probe", holds=False, detail=f"the probe did not answer: {said}")
        return Survey(seen={}, walls=(wall,))
    return Survey(seen=seen, walls=tuple(judged(seen, LIMITS)))


def endings(sandbox: Sandbox, labels: Mapping[str, str]) -> Iterator[Wall]:
    """Yield the walls that end learner code: memory, the clock, and that killing works."""
    yield from _out_of_memory(sandbox, labels)
    yield from _timed_out(sandbox, labels)


def rules_digest(sandbox: Sandbox) -> str:
    """Return a digest that changes with the engine, its kernel, or any rule of a container."""
    plan = settings.Plan(
        image=sandbox.image_id or "",
        limits=LIMITS,
        uid=settings.FIRST_UID,
        socket_folder=None,
        seccomp=seccomp.as_option(loopback=False),
        labels={},
    )
    rules = {
        "host": settings.host_config(plan),
        "container": settings.container_config(plan),
        "recipe": sandbox.recipe(),
        "explorer": _explorer().decode(),
        "engine": _engine(sandbox),
    }
    return hashlib.sha256(json.dumps(rules, sort_keys=True, default=str).encode()).hexdigest()


def _engine(sandbox: Sandbox) -> list[str]:
    recipe = sandbox.recipe()
    if "engine" not in recipe:
        return []
    from labrun.sandbox.engine import identity  # noqa: PLC0415  (the Docker SDK is slow to import)

    return identity(recipe["engine"])


def _spaces() -> dict[str, list[int]]:
    """Return one MiB, and one file, more than each folder may hold; see `settings`."""
    return {
        "/tmp": [settings.TMP_MB + 1, settings.INODES + 1],  # noqa: S108  (inside the container)
        "/work": [settings.WORK_MB + 1, settings.INODES + 1],
        "/in": [settings.DATA_MB + 1, settings.FEW_INODES + 1],
        "/out": [LIMITS.output_mb + 2, settings.FEW_INODES + 1],
        "/dev/shm": [settings.SHM_MB + 1, 0],  # noqa: S108  (likewise)
    }


def _explorer() -> bytes:
    return resources.files("labrun.sandbox").joinpath("explorer.py").read_bytes()


def _asked(
    sandbox: Sandbox,
    labels: Mapping[str, str],
    asked: Mapping[str, Any],
    limits: Limits,
    seconds: float,
) -> Any:
    box = sandbox.start(limits, labels=labels)
    try:
        session = Session(box)
        session.request("put", folder="work", files={"explorer.py": _explorer()})
        fields: dict[str, Any] = {"module": "explorer", "kwargs": {}, "returns": "values", **asked}
        return session.request("call", seconds=seconds, **fields)
    finally:
        box.kill()


def _out_of_memory(sandbox: Sandbox, labels: Mapping[str, str]) -> Iterator[Wall]:
    most = 4 * HOG_LIMITS.memory_mb
    asked = {"args": [most], "function": "hog"}
    detail, holds = f"{most} MiB were given where {HOG_LIMITS.memory_mb} are allowed", False
    try:
        _asked(sandbox, labels, asked, HOG_LIMITS, HOG_SECONDS)
    except PhaseEnded as ended:
        detail, holds = ended.detail, ended.ending == "out-of-memory"
    help_ = "the engine must limit memory and swap (docker info: MemoryLimit, SwapLimit)"
    yield _wall("out-of-memory", holds, detail, help_)


def _timed_out(sandbox: Sandbox, labels: Mapping[str, str]) -> Iterator[Wall]:
    box = sandbox.start(LIMITS, labels=labels)
    try:
        session = Session(box)
        session.request("put", folder="work", files={"explorer.py": _explorer()})
        fields: dict[str, Any] = {"module": "explorer", "function": "spin", "args": []}
        session.request("call", seconds=SPIN_SECONDS, returns="values", kwargs={}, **fields)
        detail, holds = "it answered, which cannot be", False
    except PhaseEnded as ended:
        detail, holds = ended.detail, ended.ending == "timed-out"
    finally:
        began = time.monotonic()
        box.kill()
        taken = time.monotonic() - began
    yield _wall("timed-out", holds, detail, "see what the engine's log says of this container")
    yield _wall(
        "killed at once",
        taken <= KILL_SECONDS,
        f"removed within {taken:.1f} s",
        "the machine or its disk is overloaded, or the engine hangs: restart it",
    )


def _wall(name: str, holds: bool, detail: str, help_: str) -> Wall:
    return Wall(name=name, holds=holds, detail=detail, help=None if holds else help_)
