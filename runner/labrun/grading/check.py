"""What a check is, and the registry labs name them by."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from pydantic import ValidationError

from labrun import wire
from labrun.domain.evidence import Ending, Evidence, PhaseResult
from labrun.domain.grade import Finding, Outcome
from labrun.domain.lab import CheckSpec, Lab
from labrun.domain.record import Record
from labrun.errors import LabError, UserError
from labrun.grading.metric import Array
from labrun.registry import Registry

Truth = Mapping[str, Mapping[str, Array]]


@dataclass(frozen=True)
class Case:
    """What a check may look at: the evidence, and the answers the learner never saw."""

    lab: Lab
    evidence: Evidence
    truth: Truth
    files: Mapping[str, bytes] = field(default_factory=dict)
    spec: CheckSpec | None = None

    def values(self, phase: str) -> Any:
        """Return what a phase returned, decoded; raise `wire.WireError` if it is not a frame."""
        result = self.evidence.phase(phase)
        if result is None or result.output is None:
            msg = f"phase {phase!r} returned nothing"
            raise wire.WireError(msg)
        return wire.from_bytes(result.output)

    def answers(self, phase: str, table: str, column: str | None) -> Array:
        """Return the truth (n,) in the order in which the phase was given the rows."""
        answers = self.column(table, column)
        result = self.evidence.phase(phase)
        if result is None or result.order is None:
            return answers
        if len(result.order) != len(answers):
            msg = (
                f"table {table!r} has {len(answers)} rows, phase {phase!r} had {len(result.order)}"
            )
            raise LabError(msg, help="the truth must have one row for each row of the features")
        return answers[np.array(result.order, dtype=np.int64)]

    def column(self, table: str, column: str | None) -> Array:
        """Return one column of a truth table, the only one where none is named."""
        columns = self.truth.get(table)
        if columns is None:
            msg = f"the data set has no table {table!r}"
            raise LabError(msg, help=f"known: {', '.join(self.truth)}")
        if column is None and len(columns) == 1:
            return next(iter(columns.values()))
        if column is None or column not in columns:
            msg = f"table {table!r} has no column {column!r}"
            raise LabError(msg, help=f"name one of: {', '.join(columns)}")
        return columns[column]


class Options(Record):
    """What a lab may say about a check of one type."""

    def fit(self, lab: Lab) -> None:
        """Raise `UserError` where the options do not fit the rest of the lab."""

    def phases(self, lab: Lab) -> tuple[str, ...]:
        """Return the phases that must have ended well before this check can judge."""
        del lab
        return ()

    def tables(self) -> tuple[str, ...]:
        """Return the truth tables the check reads."""
        return ()

    def is_public(self) -> bool:
        """Return whether a learner may run the check on public data."""
        return True


Opts = TypeVar("Opts", bound=Options)
Run = Callable[[Opts, Case], Finding]


@dataclass(frozen=True)
class CheckType:
    """A check function and the options it understands."""

    options: type[Options]
    run: Callable[[Any, Case], Finding]


CHECKS: Registry[CheckType] = Registry("check type", "labrun.grading.checks")


@dataclass(frozen=True)
class BoundCheck:
    """A check of one lab, its options read."""

    spec: CheckSpec
    options: Options
    run: Callable[[Case], Finding]


def check(name: str, options: type[Opts]) -> Callable[[Run[Opts]], Run[Opts]]:
    """Register a function as a check type."""

    def decorate(run: Run[Opts]) -> Run[Opts]:
        CHECKS.add(name, CheckType(options, run))
        return run

    return decorate


def bind(lab: Lab, spec: CheckSpec) -> BoundCheck:
    """Return ``spec`` as something to call, or raise `LabError` saying what is wrong with it."""
    try:
        kind = CHECKS[spec.type]
        _refuse_unknown(kind.options, spec)
        options = kind.options.model_validate(spec.options)
        options.fit(lab)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(("checks", spec.id, *map(str, first["loc"])))
        msg = f"{where}: {first['msg']}, found {first['input']!r:.80}"
        raise LabError(msg) from None
    except UserError as error:
        msg = f"checks.{spec.id}: {error}"
        raise LabError(msg, help=error.help) from None
    return BoundCheck(spec, options, lambda case: kind.run(options, replace(case, spec=spec)))


def _refuse_unknown(options: type[Options], spec: CheckSpec) -> None:
    known = [*options.model_fields, *type(spec).model_fields]
    for name in spec.options:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
            msg = f"unknown key {name!r} of check type {spec.type!r}"
            raise UserError(msg, help=hint)


def options_schema() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of the options of every check type, for the schema of lab.yaml."""
    return {name: kind.options.model_json_schema() for name, kind in CHECKS.all().items()}


def known_phase(lab: Lab, name: str) -> None:
    """Raise `UserError` if the lab has no phase of that name."""
    names = [phase.name for phase in lab.phases]
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"phases: {', '.join(names) or 'none'}"
        msg = f"there is no phase called {name!r}"
        raise UserError(msg, help=hint)


def last_values_phase(lab: Lab) -> str:
    """Return the phase whose values are compared with the truth unless a check names another."""
    names = [phase.name for phase in lab.phases if lab.returns_of(phase) == "values"]
    if not names:
        msg = "the lab has no phase that returns values"
        raise UserError(msg, help="add a phase, or name one with `phase:`")
    return names[-1]


def failed(rationale: str, *, help: str | None = None) -> Finding:
    """Return the finding of a check that the learner failed."""
    return Finding(outcome=Outcome.FAILED, rationale=rationale, help=help)


def ended_badly(result: PhaseResult) -> str:
    """Return how a phase ended, in a learner's words; where it went well, an empty string."""
    said = f"{result.error.type}: {result.error.message}" if result.error else result.detail
    return {
        Ending.DONE: "",
        Ending.CRASHED: f"phase {result.phase!r} crashed: {said}",
        Ending.TIMED_OUT: f"phase {result.phase!r} took too long ({result.seconds:.0f} s)",
        Ending.OUT_OF_MEMORY: f"phase {result.phase!r} used more than {result.memory_limit_mb} MB",
        Ending.NO_OUTPUT: f"phase {result.phase!r} returned nothing: {said}",
        Ending.INVALID_OUTPUT: f"phase {result.phase!r} returned something unusable: {said}",
        Ending.NOT_RUN: f"phase {result.phase!r} was not run",
    }[result.ending]
