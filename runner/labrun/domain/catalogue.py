"""Labs as a learner chooses among them: by track, and by exam."""

from labrun.domain.blueprint import Blueprint, Track
from labrun.domain.record import Record

PASSED = "passed"


class CatalogueRow(Record):
    """One lab; ``standing`` is the learner's, ``problem`` says why the lab cannot be used."""

    slug: str
    title: str
    track: str
    minutes: int
    prerequisites: tuple[str, ...]
    standing: str
    problem: str | None = None


class Group(Record):
    """A track, with its labs in the order to do them in."""

    track: Track
    rows: tuple[CatalogueRow, ...]


class ExamRow(Record):
    """An exam, with its labs; those that do not exist yet are rows with a problem.

    ``slugs`` says what each name in the blueprint means.
    """

    blueprint: Blueprint
    rows: tuple[CatalogueRow, ...]
    slugs: dict[str, str]
