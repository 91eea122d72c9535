"""Where a learner stands in a lab."""

from datetime import datetime

from labrun.domain.grade import Estimate, Verdict
from labrun.domain.record import Record, Slug
from labrun.domain.result import Part, Result


class Standing(Record):
    """The best graded submission of one learner; ``rank`` 1 is the best, ties to the earliest.

    Ranks of one ``tier`` cannot be told apart on these rows; None where nobody has compared them.
    """

    rank: int
    learner: str
    submission: str
    verdict: Verdict
    score: float
    estimate: Estimate | None
    received: datetime
    submissions: int
    tier: int | None = None


class Board(Record):
    """The leaderboard of one lab; unofficial runs stand apart.

    ``part`` says which hidden rows it is about: all, those for feedback while the lab is open, or
    the final ones.
    """

    lab: Slug
    title: str
    metric: str | None
    part: Part = "all"
    official: tuple[Standing, ...]
    unofficial: tuple[Standing, ...] = ()


class Shown(Record):
    """What a learner has been shown of one check, and which submission it was measured on.

    ``tries`` counts the graded submissions it has stood for, that one among them; ``evidence`` is
    where that submission's evidence is kept.
    """

    check: Slug
    submission: str
    estimate: Estimate
    tries: int = 1
    evidence: str | None = None


class Final(Record):
    """What counts of one learner once a lab is closed; ``rank`` is what leaderboards compare."""

    submission: str
    learner: str
    received: datetime
    submissions: int
    result: Result
    rank: Estimate | None
    tier: int | None = None
