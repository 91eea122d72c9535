"""What the audit looks at: the tables of one question that a lab asks of its data."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from labrun.domain.audit import Flaw, FlawName, Severity
from labrun.grading.checks.threshold import Decision
from labrun.grading.metric import Metric
from labrun.grading.pairs import Takes
from labrun.grading.predictions import Array

# Columns (n,) by name: numbers, or objects that are text, or None where it is missing.
Columns = Mapping[str, Array]


@dataclass(frozen=True)
class Side:
    """Rows of one table with their answers (n,), in the order of the file."""

    name: str
    columns: Columns
    answers: Array

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return len(self.answers)


@dataclass(frozen=True)
class Mark:
    """One threshold check: its metric and what it must reach."""

    check: str
    metric: Metric
    decision: Decision

    @property
    def lowest(self) -> float:
        """Return where points begin."""
        at = self.decision.floor if self.decision.rule == "ramp" else self.decision.at
        return float("nan") if at is None else at


@dataclass(frozen=True)
class Subject:
    """One truth table with the rows it answers, and the public rows of the same form.

    ``group`` names the feature whose rows belong together; ``exam`` says that the lab is meant to
    certify, so that few rows are an error.
    """

    lab: str
    target: str
    hidden: Side
    public: tuple[Side, ...] = ()
    marks: tuple[Mark, ...] = ()
    group: str | None = None
    exam: bool = False

    @property
    def classes(self) -> bool:
        """Return whether the answers are classes, by what the metrics take."""
        takes = {mark.metric.takes for mark in self.marks}
        return Takes.NUMBERS not in takes if takes else self.hidden.answers.dtype.kind in "OUb"

    def flaw(
        self, name: FlawName, severity: Severity, where: str, says: str, *, number: float, help: str
    ) -> Flaw:
        """Return a flaw of this lab, its number rounded so that it prints."""
        return Flaw(
            lab=self.lab,
            name=name,
            severity=severity,
            where=where,
            says=says,
            number=float(f"{number:.4g}"),
            help=help,
        )


Test = Callable[[Subject], Iterator[Flaw]]


def numbers(column: Array) -> Array | None:
    """Return a column of numbers as floats, or None for text."""
    return column.astype(float) if column.dtype.kind in "biuf" else None


def codes(column: Array) -> Array:
    """Return the number of each different value of a column; missing is a value too."""
    if column.dtype.kind in "biuf":
        return np.unique(column.astype(float), return_inverse=True)[1]
    known: dict[object, int] = {}
    return np.array([known.setdefault(value, len(known)) for value in column], dtype=np.int64)


def share(part: int, whole: int) -> str:
    """Return ``part`` as a percentage of ``whole``, in words."""
    return f"{100 * part / whole:.3g} %" if whole else "0 %"
