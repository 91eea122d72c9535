"""Where a learner stands in a lab."""

from datetime import datetime

from labrun.domain.grade import Estimate, Verdict
from labrun.domain.record import Record, Slug


class Standing(Record):
    """The best graded submission of one learner; ``rank`` 1 is the best, ties to the earliest."""

    rank: int
    learner: str
    submission: str
    verdict: Verdict
    score: float
    estimate: Estimate | None
    received: datetime
    submissions: int


class Board(Record):
    """The leaderboard of one lab; unofficial runs stand apart."""

    lab: Slug
    title: str
    metric: str | None
    official: tuple[Standing, ...]
    unofficial: tuple[Standing, ...] = ()
