"""What a learner of a lab sees and gets, as its author is shown it."""

from labrun.domain.lab import Lab, Limits
from labrun.domain.record import Record, Slug
from labrun.domain.result import Result


class FileShown(Record):
    """One file, by its path."""

    path: str
    bytes: int


class ColumnShown(Record):
    """One column of a table, with how many of its values are missing."""

    name: str
    dtype: str
    missing: int


class TableShown(Record):
    """One public table and its first rows, as text."""

    name: str
    rows: int
    columns: tuple[ColumnShown, ...]
    first: tuple[tuple[str, ...], ...]


class PhaseShown(Record):
    """One phase, with the limits that hold for it."""

    name: Slug
    entry: str
    limits: Limits


class CheckShown(Record):
    """One check as learners read it; ``public`` if `labrun check` runs it."""

    id: Slug
    type: str
    title: str
    points: float
    gate: bool
    needs: tuple[Slug, ...]
    reveal: str
    mark: str
    public: bool


class Told(Record):
    """What `labrun submit` answers to one folder: a result, or an error."""

    name: str
    result: Result | None = None
    error: str = ""


class LabPreview(Record):
    """A lab from the learner's side; ``withheld`` is for the author's eyes."""

    lab: Lab
    readme: str
    files: tuple[FileShown, ...]
    tables: tuple[TableShown, ...]
    phases: tuple[PhaseShown, ...]
    checks: tuple[CheckShown, ...]
    told: tuple[Told, ...]
    withheld: tuple[FileShown, ...]
