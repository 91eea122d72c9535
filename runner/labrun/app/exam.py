"""What an exam asks of the machine, and when it lets a result out."""

import contextlib
import hashlib
import math
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from labrun.app.settings import Settings
from labrun.domain.record import Record
from labrun.errors import LabrunError, RefusedError, SandboxError
from labrun.sandbox import owner
from labrun.sandbox.base import Sandbox
from labrun.sandbox.labels import OWNER_LABEL
from labrun.sandbox.probes import probe, rules_digest
from labrun.sandbox.walls import Wall
from labrun.store.workspace import write_whole

BELIEVED = timedelta(hours=1)
SHOWN = 3

Say = Callable[[str], None]


class _Proof(Record):
    """That every wall held at a time, on one engine, image and set of rules."""

    key: str
    walls: int
    at: datetime


def refuse_unfit(sandbox: Sandbox, settings: Settings, say: Say) -> None:
    """Raise where an exam cannot be held here: before any learner code runs, nothing counted.

    Raises `RefusedError` for a sandbox that isolates nothing, `SandboxError` for a wall that does
    not hold. Walls that held are believed for an hour, on the same engine, image and rules.
    """
    if not sandbox.official:
        msg = f"an exam is refused in the {sandbox.name!r} sandbox: it isolates nothing"
        raise RefusedError(msg, help="leave --sandbox and LABRUN_SANDBOX out; see: labrun doctor")
    key = _key(sandbox)
    path = settings.cache / "walls" / f"{key[:32]}.json"
    if _proven(path, key, datetime.now(UTC)):
        return
    say("trying the sandbox's walls, as an exam asks for (once an hour)")
    walls = tuple(probe(sandbox, {OWNER_LABEL: owner.current().label()}))
    if weak := [wall for wall in walls if not wall.holds]:
        raise SandboxError(_said(weak), help="run: labrun doctor")
    proof = _Proof(key=key, walls=len(walls), at=datetime.now(UTC))
    with contextlib.suppress(OSError):  # then they are tried again next time
        write_whole(path, proof.model_dump_json().encode())


def _said(weak: list[Wall]) -> str:
    named = ", ".join(repr(wall.name) for wall in weak[:SHOWN])
    more = f" and {len(weak) - SHOWN} more" if len(weak) > SHOWN else ""
    verb = "does" if len(weak) == 1 else "do"
    return f"an exam cannot start: the sandbox's {named}{more} {verb} not hold"


def _key(sandbox: Sandbox) -> str:
    """Return what the proof is for; a change of any part of it asks for a new one."""
    parts = (sandbox.image_id or "", rules_digest(sandbox))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _proven(path: Path, key: str, now: datetime) -> bool:
    try:
        proof = _Proof.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return False
    # A time to come is no proof either: the clock has been moved.
    return proof.key == key and timedelta(0) <= now - proof.at < BELIEVED


@contextlib.contextmanager
def held_back(
    grid: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Let the block end, with or without a fault, only at a multiple of ``grid`` seconds.

    Learner code decides how long it runs: without this, a learner reads the time off any clock.
    An interruption by the person at the keyboard is not held back.
    """
    started = clock()

    def wait() -> None:
        if grid > 0:
            sleep(max(0.0, due(clock() - started, grid) - (clock() - started)))

    try:
        yield
    except LabrunError:
        wait()
        raise
    wait()


def due(elapsed: float, grid: float) -> float:
    """Return the first multiple of ``grid`` that is not before ``elapsed``, and not zero."""
    return grid * max(1, math.ceil(elapsed / grid))
