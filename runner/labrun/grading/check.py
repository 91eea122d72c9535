"""What a check is, and the registry labs name them by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from labrun import wire
from labrun.domain.evidence import Ending, Evidence, PhaseResult
from labrun.domain.grade import Finding, Outcome
from labrun.domain.lab import CheckSpec, Lab
from labrun.errors import LabError, PlatformError, UserError
from labrun.grading.options import OptionError, Options, Opts, read_options
from labrun.grading.predictions import Array
from labrun.registry import Registry

Truth = Mapping[str, Mapping[str, Array]]


@dataclass(frozen=True)
class Case:
    """What a check may look at: the evidence, and the answers the learner never saw.

    ``part`` is a mask by truth table, of the rows that are judged; a table without one is judged
    whole.
    """

    lab: Lab
    evidence: Evidence
    truth: Truth
    files: Mapping[str, bytes] = field(default_factory=dict)
    spec: CheckSpec | None = None
    part: Mapping[str, Array] = field(default_factory=dict)

    def variant(self, name: str) -> "Case":
        """Return the case as it was in one more run that the check asked for."""
        found = self.evidence.variant(self.spec.id if self.spec else None, name)
        if found is None:
            msg = f"the evidence lacks the variant {name!r}"
            raise PlatformError(msg)
        return replace(self, evidence=self.evidence.of(found))

    def seeds(self) -> "list[Case]":
        """Return the case with each seed the lab asks for, that of the own run first."""
        others = (each for each in self.evidence.variants if each.check is None)
        return [self, *(replace(self, evidence=self.evidence.of(each)) for each in others)]

    def values(self, phase: str) -> Any:
        """Return what a phase returned, decoded; raise `wire.WireError` if it is not a frame."""
        result = self.evidence.phase(phase)
        if result is None or result.output is None:
            msg = f"the evidence lacks what phase {phase!r} returned"
            raise PlatformError(msg)
        return wire.from_bytes(result.output)

    def in_table_order(self, phase: str, values: Array) -> Array:
        """Return what a phase returned in the order of the table, not that in which it was asked.

        So the same predictions get the same grade, to the last digit, however rows were shuffled.
        """
        result = self.evidence.phase(phase)
        if result is None or result.order is None or len(result.order) != len(values):
            return values
        restored = np.empty_like(values)
        restored[np.array(result.order, dtype=np.int64)] = values
        return restored

    def rows(self, phase: str) -> int | None:
        """Return how many rows a phase was given, where they were shuffled, or None."""
        result = self.evidence.phase(phase)
        return len(result.order) if result and result.order is not None else None

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
    """Return ``spec`` as something to call, or raise `LabError` that names the wrong field."""
    where = f"checks.{spec.id}"
    try:
        kind = CHECKS[spec.type]
    except UserError as error:
        msg = f"{where}.type: {error}"
        raise LabError(msg, help=error.help) from None
    options = read_options(kind.options, spec.options, where)
    try:
        options.fit(lab)
    except OptionError as error:
        msg = f"{where}.{error.field}: {error}"
        raise LabError(msg, help=error.help) from None
    return BoundCheck(spec, options, lambda case: kind.run(options, replace(case, spec=spec)))


def options_schema() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of the options of every check type, for the schema of lab.yaml."""
    return {name: kind.options.model_json_schema() for name, kind in CHECKS.all().items()}


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
