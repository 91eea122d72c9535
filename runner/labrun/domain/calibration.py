"""What was measured of a lab's controls over several seeds: ``calibration.json``."""

import math
from typing import Literal

from pydantic import Field

from labrun.domain.record import Digest, Record, Slug

SCHEMA: Literal["labrun/calibration/v1"] = "labrun/calibration/v1"
SOLUTION, BASELINE = "solution", "baseline"


class Spread(Record):
    """One metric of one control.

    ``mean`` and ``sd`` are over the seeds; ``se`` is the standard error that comes of having ``n``
    hidden rows (or clusters) and no more, as the mean over the seeds.
    """

    mean: float
    sd: float = Field(ge=0)
    se: float = Field(ge=0)
    n: int = Field(gt=0)

    @property
    def total(self) -> float:
        """Return the standard error of one graded run: the luck of the seed and of the rows."""
        return math.hypot(self.sd, self.se)


class Chance(Record):
    """A share of runs with Wilson's 95 % interval."""

    p: float
    low: float
    high: float


class ControlRuns(Record):
    """How one control fared, with each seed.

    ``resampled`` is the share of passes when the hidden rows are drawn anew, averaged over the
    seeds. ``stopped`` counts the runs in which the check that must stop a cheat failed.
    """

    name: str
    sha256: Digest
    expected: Literal["passed", "failed"]
    stops: Slug | None = None
    stopped: int | None = None
    runs: int
    passed: int
    chance: Chance
    resampled: float
    scores: tuple[float, ...]
    values: dict[Slug, Spread] = {}

    @property
    def holds(self) -> bool:
        """Return whether every run had the result that the lab promises."""
        met = self.passed == (self.runs if self.expected == "passed" else 0)
        return met and self.stopped in (None, self.runs)


class Marks(Record):
    """Where points begin and end: ``at`` of a point or a lower bound, or a ramp."""

    rule: Literal["point", "lower-bound", "ramp"]
    at: float | None = None
    floor: float | None = None
    full: float | None = None

    @property
    def first(self) -> float:
        """Return the mark at which something is earned."""
        found = self.at if self.floor is None else self.floor
        return 0.0 if found is None else found

    @property
    def last(self) -> float:
        """Return the mark at which everything is earned."""
        return self.first if self.full is None else self.full


class At(Record):
    """The probability of reaching what the lab asks for, at a true value."""

    true: float
    p: float


class MarkReport(Record):
    """What the numbers say about the marks of one threshold check.

    ``above`` is how many standard errors the first mark lies on the good side of the control that
    must not reach it (``against``), ``below`` how many the reference lies on the good side of the
    last mark, ``width`` how many the ramp is wide. ``needed`` is the value that decides whether
    somebody passes who gets everything else right; None if the check decides it for nobody.
    """

    check: Slug
    metric: str
    direction: Literal["higher", "lower"]
    marks: Marks
    against: str
    above: float
    below: float
    width: float | None = None
    problems: tuple[str, ...] = ()
    proposed: Marks | None = None
    needed: float | None = None
    curve: tuple[At, ...] = ()

    @property
    def agrees(self) -> bool:
        """Return whether the lab's own marks may stay."""
        return not self.problems


class Calibration(Record):
    """What a lab's controls were measured to do, of which version, on which data."""

    schema_version: Literal["labrun/calibration/v1"] = SCHEMA
    lab: Slug
    version: str
    digest: Digest
    data: Digest | None = None
    image: Slug
    image_digest: str | None = None
    sandbox: str
    official: bool
    labrun: str
    date: str
    seeds: tuple[int, ...]
    controls: tuple[ControlRuns, ...]
    marks: tuple[MarkReport, ...]

    def control(self, name: str) -> ControlRuns | None:
        """Return the runs of a control, such as ``solution`` or ``cheats/constant``."""
        return next((each for each in self.controls if each.name == name), None)

    def spread(self, control: str, check: str) -> Spread | None:
        """Return what a control reached at a check, or None where it had no value there."""
        found = self.control(control)
        return found.values.get(check) if found else None

    def fits(self, version: str, data: str | None) -> bool:
        """Return whether it was measured on this version of the lab and on this data."""
        return (self.version, self.data) == (version, data)
