"""What labrun says about a submission."""

import enum
from collections.abc import Sequence
from typing import Literal

from labrun.domain.record import Record, Slug


class Outcome(enum.StrEnum):
    """The result of one check."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Verdict(enum.StrEnum):
    """The result of a graded submission."""

    PASSED = "passed"
    FAILED = "failed"


class Fault(enum.StrEnum):
    """Who is to blame where a check could not be judged."""

    LEARNER = "learner"
    LAB = "lab"
    PLATFORM = "platform"


class Estimate(Record):
    """A metric with its sampling error.

    ``low`` and ``high`` bound a two-sided interval of ``level``; ``n`` counts rows, or clusters
    where rows come in clusters; ``direction`` says which is better. Where the lab asked for
    several seeds, ``value`` is the mean of ``seeds``, the value with each.
    """

    metric: str
    value: float
    low: float
    high: float
    level: float
    method: str
    n: int
    direction: Literal["higher", "lower"]
    mark: float | None = None
    full: float | None = None
    seeds: tuple[float, ...] = ()


class Plot(Record):
    """A picture as data; ``kind`` names how to draw ``series`` (columns of equal length)."""

    id: Slug
    kind: str
    title: str
    x_label: str = ""
    y_label: str = ""
    series: dict[str, tuple[float, ...]] = {}
    labels: tuple[str, ...] = ()


class Finding(Record):
    """What one check found: a fact for the learner, and the number behind it.

    ``share`` is the part of the points earned, 0 to 1. ``fault`` is set where the check could not
    be judged for a reason that is not the learner's; ``shown_from`` where the estimate is that of
    an earlier submission, which this one does not clearly beat.
    """

    outcome: Outcome
    rationale: str
    help: str | None = None
    share: float = 0
    fault: Fault | None = None
    estimate: Estimate | None = None
    shown_from: str | None = None
    plots: tuple[Plot, ...] = ()


class CheckResult(Record):
    """One check, named and weighed."""

    id: Slug
    type: str
    title: str
    points: float
    of: float
    gate: bool
    reveal: str
    finding: Finding


class Grade(Record):
    """One submission, judged: ``score`` is out of 100."""

    lab: Slug
    submission: str
    verdict: Verdict
    score: float
    pass_score: float
    failed_gates: tuple[Slug, ...]
    results: tuple[CheckResult, ...]

    def result(self, check: str) -> CheckResult | None:
        """Return the result of the check called ``check``."""
        return next((result for result in self.results if result.id == check), None)


def score(results: Sequence[CheckResult]) -> float:
    """Return the points earned of 100, rounded to two decimals so that it prints as it counts."""
    possible = sum(result.of for result in results)
    earned = sum(result.points for result in results)
    return round(100 * earned / possible, 2) if possible else 0.0
