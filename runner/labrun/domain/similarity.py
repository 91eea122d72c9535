"""How alike the submissions of a lab are: a hint for a person, never a verdict."""

from datetime import datetime

from labrun.domain.record import Record


class Line(Record):
    """One line of an excerpt; ``shared`` if tokens of the match stand on it."""

    number: int
    text: str
    shared: bool


class Excerpt(Record):
    """Where one side of a match stands; ``left_out`` lines more are not shown."""

    path: str
    lines: tuple[Line, ...]
    left_out: int = 0


class Region(Record):
    """Code that two submissions share, after normalising; ``tokens`` is its length."""

    tokens: int
    left: Excerpt
    right: Excerpt


class Member(Record):
    """One submission that is compared.

    ``own`` counts its fingerprints that neither the lab nor nearly everybody has; ``skipped``
    says what of it was not compared.
    """

    name: str
    submission: str | None = None
    own: int
    skipped: tuple[str, ...] = ()


class Pair(Record):
    """Two submissions, by their place among the members, and how alike they are.

    ``score`` is the containment, 0 to 1: shared fingerprints by those of the smaller submission.
    ``jaccard`` divides by those of both together. ``regions`` is filled for the first pairs only.
    """

    left: int
    right: int
    score: float
    jaccard: float
    shared: int
    regions: tuple[Region, ...] = ()


class Comparison(Record):
    """All pairs of the submissions of one lab; ``pairs`` holds the most alike, best first.

    ``histogram`` counts every pair by score, in bins of equal width from 0 to 1. ``common`` is the
    number of fingerprints left out because nearly everybody has them. ``left_out`` names
    submissions that could not be compared, with the reason.
    """

    lab: str
    title: str
    made: datetime
    threshold: float
    members: tuple[Member, ...]
    pairs: tuple[Pair, ...]
    compared: int
    above: int
    histogram: tuple[int, ...]
    median: float | None
    high: float | None
    common: int
    left_out: tuple[str, ...] = ()
