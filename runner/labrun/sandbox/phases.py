"""Run the phases of one submission, each in a fresh box, and keep what was seen as evidence."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labrun import wire
from labrun.domain.evidence import Ending, PhaseResult
from labrun.domain.lab import Lab, Limits, Phase
from labrun.domain.submission import Submission
from labrun.domain.variant import Alter, Table, as_before
from labrun.sandbox import guests, handed_in, outputs
from labrun.sandbox.base import Box, PhaseEnded, Sandbox, Usage
from labrun.sandbox.labels import PHASE_LABEL
from labrun.sandbox.session import Session, printable

LOG_CHARS = 65_536
KILLED = 137  # what a shell calls an end by SIGKILL

Frame = Callable[[str], Any]


@dataclass(frozen=True)
class PhaseEvent:
    """News of a phase; ``result`` is set once it has ended."""

    phase: str
    limits: Limits
    elapsed: float = 0
    usage: Usage = field(default_factory=Usage)
    result: PhaseResult | None = None


Watcher = Callable[[PhaseEvent], None]
Bury = Callable[[Box], None]


@dataclass(frozen=True)
class Job:
    """What the phases of one submission run on.

    ``frame`` gives a table by name as a DataFrame; it never gives a truth table. ``shuffled`` are
    the tables whose rows are put in an order drawn from ``seed``, so that no answer can be keyed
    by row number. A phase in ``models`` is not run: what it made before is used. ``alter`` may put
    another table in a table's place. ``learner_seed`` goes to the phases that take a seed.
    """

    lab: Lab
    submission: Submission
    frame: Frame
    shuffled: frozenset[str]
    seed: int
    labels: Mapping[str, str]
    models: Mapping[str, bytes] = field(default_factory=dict)
    alter: Alter = as_before
    alter_seed: int = 0
    learner_seed: int = 0


def run_phases(
    job: Job, sandbox: Sandbox, *, watch: Watcher, enter: Callable[[str], None], bury: Bury
) -> tuple[PhaseResult, ...]:
    """Run every phase in turn until one does not end well.

    ``enter`` is told the name of each phase before it starts. Each box goes to ``bury``, which
    kills it, as soon as it is done: the engine takes its time for it, while which the next one may
    start. Raises `SandboxError` for faults that are not the learner's; whatever the learner's code
    does is in the results.
    """
    results: list[PhaseResult] = []
    models: dict[str, bytes] = {}
    values: dict[str, PhaseResult] = {}
    for phase in job.lab.phases:
        if phase.name in job.models:
            models[phase.name] = job.models[phase.name]
            continue
        enter(phase.name)
        result = _run_phase(_Step(job, phase, models, values), sandbox, watch, bury)
        results.append(result)
        if result.ending is not Ending.DONE or result.output is None:
            break
        if job.lab.returns_of(phase) == "model":
            models[phase.name] = result.output
        else:
            values[phase.name] = result
    return tuple(results)


@dataclass(frozen=True)
class _Step:
    job: Job
    phase: Phase
    models: Mapping[str, bytes]
    values: Mapping[str, PhaseResult]

    @property
    def limits(self) -> Limits:
        return self.job.lab.limits_of(self.phase)

    @property
    def returns(self) -> str:
        return self.job.lab.returns_of(self.phase)

    @property
    def seeded(self) -> dict[str, int]:
        return {"seed": self.job.learner_seed} if self.phase.seeded else {}

    def inputs(self) -> tuple[dict[str, Any], tuple[int, ...] | None]:
        """Return the inputs by name, and the order in which the rows of the first one stand."""
        found: dict[str, Any] = {}
        orders: list[tuple[int, ...]] = []
        for name in self.phase.input:
            earlier = self.values.get(name)
            if earlier and earlier.output is not None:
                found[name], order = wire.from_bytes(earlier.output), earlier.order
            else:
                found[name], order = self._table(name)
            if order is not None:
                orders.append(order)
        return found, orders[0] if orders else None

    def _table(self, name: str) -> tuple[Any, tuple[int, ...] | None]:
        table = self.job.frame(name)
        aligned = name in self.job.shuffled and self.returns == "values"
        rng = np.random.default_rng(self.job.alter_seed)
        if altered := self.job.alter(Table(name, table, aligned, rng)):
            return altered.frame.reset_index(drop=True), altered.order
        if not aligned:
            return table, None
        order = np.random.default_rng(self.job.seed).permutation(len(table))
        return table.iloc[order].reset_index(drop=True), tuple(order.tolist())


def _run_phase(step: _Step, sandbox: Sandbox, watch: Watcher, bury: Bury) -> PhaseResult:
    queued = time.monotonic()
    labels = {**step.job.labels, PHASE_LABEL: step.phase.name}
    watch(PhaseEvent(step.phase.name, step.limits))
    inputs, order = step.inputs()
    if handed_in.is_plain(step.phase):
        done = handed_in.read(step.phase, step.job.submission.files, inputs)
        watch(PhaseEvent(step.phase.name, step.limits, result=done))
        return done
    box = sandbox.start(step.limits, labels=labels)
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        stack.callback(bury, box)
        caps = wire.Caps(frame=step.limits.output_mb << 20)
        session = Session(box, caps=caps)
        ended, output = PhaseEnded(Ending.DONE, ""), None
        try:
            _prepare(session, step, inputs)
            started = time.monotonic()
            output = _learner_runs(session, step, inputs, _watched(step, watch))
        except PhaseEnded as early:
            ended = early
        seconds = time.monotonic() - started
        usage = box.usage()
        log = box.log()
        stack.close()
        result = PhaseResult(
            phase=step.phase.name,
            ending=ended.ending,
            detail=ended.detail,
            exit_code=ended.exit_code,
            queued_seconds=round(started - queued, 3),
            warm=box.warm,
            seconds=round(seconds, 3),
            cpu_seconds=usage.cpu_seconds,
            memory_mb=usage.memory_mb,
            memory_limit_mb=step.limits.memory_mb,
            error=ended.error,
            log=printable(log, LOG_CHARS),
            output=output,
            order=order,
        )
    watch(PhaseEvent(step.phase.name, step.limits, seconds, usage, result))
    return result


def _watched(step: _Step, watch: Watcher) -> Callable[[float, Usage], None]:
    return lambda elapsed, usage: watch(PhaseEvent(step.phase.name, step.limits, elapsed, usage))


def _prepare(session: Session, step: _Step, inputs: Mapping[str, Any]) -> None:
    # Only labrun's own code runs in the box until this is done.
    guest = guests.files_for(step.phase)
    session.request("put", folder="work", files={**step.job.submission.files, **guest})
    for name, value in () if step.phase.read else inputs.items():
        session.request("table" if step.phase.run else "load", name=name, value=value)
    if step.phase.run and step.models:
        newest = list(step.models.values())[-1]
        session.request("put", folder="model", files=wire.from_bytes(newest))


def _learner_runs(
    session: Session,
    step: _Step,
    inputs: Mapping[str, Any],
    watch: Callable[[float, Usage], None],
) -> bytes:
    seconds = step.limits.wall_seconds
    if step.phase.read or step.phase.open:
        found = guests.opened(session, step.phase, seconds=seconds, watch=watch)
        return handed_in.from_a_box(step.phase, found, inputs)
    if step.phase.run:
        command = [*step.phase.run, *(f"--seed={each}" for each in step.seeded.values())]
        reply = session.request("run", seconds=seconds, watch=watch, command=command)
        if _was_killed(reply) and session.box.ran_out_of_memory():
            raise PhaseEnded(Ending.OUT_OF_MEMORY, "used more memory than the lab allows")
        files = _files_of(reply)
        if step.returns == "model":
            return outputs.model_files(files)
        return outputs.table_file(files, step.phase.produces)
    module, _, function = (step.phase.call or "").partition(":")
    value = session.request(
        "call",
        seconds=seconds,
        watch=watch,
        module=module,
        function=function,
        inputs=list(step.phase.input),
        args=[],
        kwargs={**step.phase.args, **step.seeded},
        model=model_of(step.models.values()),
        returns=step.returns,
    )
    return outputs.model_files(value) if step.returns == "model" else outputs.values(value)


def model_of(models: Iterable[bytes]) -> bytes | None:
    """Return the newest of what model phases made, as the bytes of one object; None if files."""
    newest = list(models)[-1:]
    found: bytes | None = wire.from_bytes(newest[0]).get(outputs.MODEL_FILE) if newest else None
    return found


def _was_killed(reply: object) -> bool:
    return isinstance(reply, dict) and reply.get("exit_code") in (-signal.SIGKILL, KILLED)


def _files_of(reply: object) -> object:
    if not isinstance(reply, dict) or type(reply.get("exit_code")) is not int:
        raise PhaseEnded(Ending.INVALID_OUTPUT, "the command's end was not reported")
    if reply["exit_code"]:
        raise PhaseEnded(Ending.CRASHED, f"the command ended with exit code {reply['exit_code']}")
    return reply.get("files")
