"""Time a phase of a submission in turns with that of the lab's own solution.

Seconds of one machine mean nothing on another. Two boxes side by side, asked in turns for the same
rows, are slowed by the same neighbours, so that their ratio is worth something.
"""

import contextlib
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labrun import wire
from labrun.domain.evidence import Ending, PhaseResult, Timing
from labrun.domain.lab import Phase
from labrun.errors import LabError
from labrun.sandbox import guests, outputs
from labrun.sandbox.base import PhaseEnded, Sandbox
from labrun.sandbox.labels import PHASE_LABEL
from labrun.sandbox.phases import Job
from labrun.sandbox.session import Session

ROUNDS = 15
MOST_ROWS = 100  # a round
LONG_ENOUGH = 0.02  # seconds a round should take, so that asking is small beside it
MOST_REPEATS = 1000
CLOSE = 1e-4  # of answers to the same rows, asked with others beside them


OTHER_ANSWER = "answered otherwise than when it was graded"


@dataclass(frozen=True)
class Side:
    """A submission, the models that its earlier phases made, and how its phases went."""

    job: Job
    models: Mapping[str, bytes]
    phases: Mapping[str, PhaseResult] = field(default_factory=dict)


@dataclass(frozen=True)
class _Part:
    """Some rows of a table, and what the submission said of them when it was graded."""

    frame: Any
    answers: Any = None

    def refuse_other(self, answers: Any) -> None:
        """Raise `PhaseEnded` where code says something else, quickly, once it is timed."""
        if self.answers is not None and not _alike(self.answers, _array(answers)):
            raise PhaseEnded(Ending.INVALID_OUTPUT, OTHER_ANSWER)


def time_in_turns(name: str, own: Side, reference: Side, sandbox: Sandbox) -> Timing:
    """Return how long both took for the same rows, no row twice, round by round.

    What ends the submission early is in the timing; if that happens to the reference it is a
    `LabError`. Each is in a fresh box of its own, which is killed.
    """
    phase = next(each for each in own.job.lab.phases if each.name == name)
    parts = _parts(own, phase)
    timed: list[tuple[float, float]] = []
    idle, ended = _Idle(), ""
    with contextlib.ExitStack() as stack:
        try:
            mine, theirs = (_Runner(each, phase, sandbox, stack) for each in (own, reference))
            with _of_the_lab(phase):
                theirs.prepare()
                repeats = theirs.warmed_up(parts[0])
            mine.prepare()
            mine.ask(parts[0], 1, check=True)
            for number, part in enumerate(parts[1:]):
                timed.append(_round(mine, theirs, part, repeats, idle, first=number % 2 == 0))
        except PhaseEnded as early:
            # No more than one word of its own: others may hold what it was asked about.
            ended = OTHER_ANSWER if early.detail == OTHER_ANSWER else str(early.ending)
    return Timing(
        phase=name,
        own=tuple(each for each, _ in timed),
        reference=tuple(each for _, each in timed),
        idle_share=idle.share,
        ended=ended,
    )


@dataclass
class _Idle:
    """What the submission computed while it was not its turn."""

    cpu: float = 0
    wall: float = 0
    known: bool = True

    @property
    def share(self) -> float | None:
        return self.cpu / self.wall if self.known and self.wall else None


class _Runner:
    """One box in which one phase can be asked for, again and again."""

    def __init__(
        self, side: Side, phase: Phase, sandbox: Sandbox, stack: contextlib.ExitStack
    ) -> None:
        self._side = side
        self.phase = phase
        self._limits = side.job.lab.limits_of(phase)
        labels = {**side.job.labels, PHASE_LABEL: phase.name}
        self.box = sandbox.start(self._limits, labels=labels)
        stack.callback(self.box.kill)
        caps = wire.Caps(frame=self._limits.output_mb << 20)
        self._session = Session(self.box, caps=caps)

    def prepare(self) -> None:
        """Send all but the rows; nothing of the learner's runs yet."""
        files = {**self._side.job.submission.files, **guests.files_for(self.phase)}
        self._session.request("put", folder="work", files=files)
        for name in self.phase.input[1:]:
            self._session.request("load", name=name, value=self._side.job.frame(name))

    def ask(self, part: _Part, repeats: int, *, check: bool = False) -> float:
        """Return the seconds a row, on the host's clock; the rows are sent before it starts."""
        self._session.request("load", name=self.phase.input[0], value=part.frame)
        seconds, call = self._limits.wall_seconds, self._call(repeats)
        started = time.monotonic()
        answers = self._session.request("call", seconds=seconds, **call)
        took = (time.monotonic() - started) / (len(part.frame) * repeats)
        if check:
            part.refuse_other(answers)
        return took

    def warmed_up(self, part: _Part) -> int:
        """Return how often rows must be repeated for a round to be long enough."""
        self.ask(part, 1)
        if not self.phase.open:  # code may remember what it was asked before
            return 1
        once = self.ask(part, 1) * len(part.frame)
        return min(MOST_REPEATS, max(1, math.ceil(LONG_ENOUGH / once)))

    def _call(self, repeats: int) -> dict[str, Any]:
        phase = self.phase
        if phase.open:
            kwargs: dict[str, Any] = {"path": phase.open, "times": repeats}
            module, function, model = guests.OPEN_MODEL, "repeat", None
        else:
            seed = {"seed": self._side.job.learner_seed} if phase.seeded else {}
            kwargs = {**phase.args, **seed}
            module, _, function = (phase.call or "").partition(":")
            model = _newest(self._side.models)
        return {
            "module": module,
            "function": function,
            "inputs": list(phase.input),
            "args": [],
            "kwargs": kwargs,
            "model": model,
            "returns": "values",
        }


def _round(
    mine: _Runner, theirs: _Runner, part: _Part, repeats: int, idle: _Idle, *, first: bool
) -> tuple[float, float]:
    own = mine.ask(part, repeats, check=True) if first else 0.0
    before, started = mine.box.usage().cpu_seconds, time.monotonic()
    with _of_the_lab(theirs.phase):
        other = theirs.ask(part, repeats)
    after, ended = mine.box.usage().cpu_seconds, time.monotonic()
    if before is None or after is None:
        idle.known = False
    else:
        idle.cpu += after - before
        idle.wall += ended - started
    if not first:
        own = mine.ask(part, repeats, check=True)
    return own, other


@contextlib.contextmanager
def _of_the_lab(phase: Phase) -> Iterator[None]:
    try:
        yield
    except PhaseEnded as early:
        msg = f"the lab's own solution ended while phase {phase.name!r} was timed: {early.detail}"
        raise LabError(msg, help="run: labrun lab validate") from None


def _parts(own: Side, phase: Phase) -> list[_Part]:
    """Return as many parts of the table as there are rounds, and one to warm up; no row twice."""
    table = own.job.frame(phase.input[0])
    rows = min(len(table) // (ROUNDS + 1), MOST_ROWS)
    if not rows:
        msg = f"phase {phase.name!r} is timed, and table {phase.input[0]!r} has too few rows"
        raise LabError(msg, help=f"give it {ROUNDS + 1} at least")
    order = np.random.default_rng(own.job.seed).permutation(len(table))
    places = [order[at * rows : (at + 1) * rows] for at in range(ROUNDS + 1)]
    # A model is data, and says the same however it is asked; code is held to what it said.
    answers = None if phase.open else _answers(own.phases[phase.name], len(table))
    return [
        _Part(table.iloc[each].reset_index(drop=True), None if answers is None else answers[each])
        for each in places
    ]


def _answers(result: PhaseResult, rows: int) -> Any:
    """Return what a phase said when it was graded, in the order of the table."""
    found = _array(wire.from_bytes(result.output or b""))
    if found.ndim == 0 or len(found) != rows:
        return np.full(rows, np.nan)  # nothing is like it: not an answer for every row
    if result.order is None:
        return found
    answers = np.empty_like(found)
    answers[np.array(result.order, dtype=np.int64)] = found
    return answers


def _array(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    if type(value).__name__ in ("DataFrame", "Series"):
        value = value.to_numpy()
    try:
        return np.asarray(value)
    except (ValueError, TypeError, OverflowError):
        return np.array(np.nan)


def _alike(one: Any, other: Any) -> bool:
    if one.shape != other.shape:
        return False
    if one.dtype.kind in "biuf" and other.dtype.kind in "biuf":
        return bool(np.allclose(one, other, rtol=CLOSE, atol=CLOSE))
    return bool(np.array_equal(one, other))


def _newest(models: Mapping[str, bytes]) -> bytes | None:
    if not models:
        return None
    found: bytes | None = wire.from_bytes(list(models.values())[-1]).get(outputs.MODEL_FILE)
    return found
