"""What the ledger takes and gives: plain records, so that no caller needs SQL."""

import enum
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from labrun.domain.grade import Verdict
from labrun.domain.record import Digest, Record, Slug

Id = Annotated[str, Field(pattern=r"^[0-9a-z]{6,40}$")]


class State(enum.StrEnum):
    """Where a submission stands in the ledger; ``held`` waits for a person, and is not counted."""

    QUEUED = "queued"
    RUNNING = "running"
    GRADED = "graded"
    INVALID = "invalid"
    SYSTEM_ERROR = "system-error"
    CANCELLED = "cancelled"
    HELD = "held"


class Kind(enum.StrEnum):
    """What a submission is for; attempts of one kind never use up those of another."""

    PRACTICE = "practice"
    EXAM = "exam"


LOWER = "lower"  # the direction of an estimate of which less is better
SHORT = 6  # characters of an id that are shown

FINISHED = frozenset({State.GRADED, State.INVALID, State.SYSTEM_ERROR})
PRIORITY = {Kind.EXAM: 100, Kind.PRACTICE: 10}


class NewSubmission(Record):
    """What a learner hands in: ``sha256`` is the content's, ``files`` where it is kept."""

    id: Id
    learner: str = Field(min_length=1)
    lab: Slug
    lab_version: str
    lab_digest: str
    sha256: Digest
    official: bool
    split: Literal["hidden", "public"]
    kind: Kind = Kind.PRACTICE
    pool: Slug = "cpu"
    files: Digest | None = None
    message: str | None = None
    commit: str | None = None


class Worker(Record):
    """One process; ``started`` tells it from a later process with the same ``pid``."""

    name: str
    host: str
    pid: int
    started: str


class Claim(Record):
    """The right to grade one submission until the lease ends; ``epoch`` fences older rights."""

    id: str
    epoch: int


class Entry(Record):
    """One submission as the ledger knows it."""

    id: str
    learner: str
    lab: str
    lab_version: str
    lab_digest: str
    sha256: str
    official: bool
    split: Literal["hidden", "public"]
    kind: Kind
    priority: int
    pool: str
    files: str | None
    message: str | None
    commit: str | None
    state: State
    epoch: int
    worker: Worker | None
    phase: str | None
    lease_until: datetime | None
    platform_failures: int
    not_before: datetime
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    counted: bool | None
    why: str
    verdict: Verdict | None
    score: float | None
    evidence: str | None

    @property
    def short(self) -> str:
        """Return the last six characters: the first ones are the time and alike for all."""
        return self.id[-SHORT:]


class Recovered(Record):
    """A submission whose worker was lost, as it stands now, and what happened to it."""

    entry: Entry
    phase: str | None
    why: str


class Event(Record):
    """One line of the ledger's history."""

    seq: int
    submission_id: str
    at: datetime
    kind: str
    data: dict[str, str | int | None]


class Chances(Record):
    """The attempts of one learner on one lab; ``max`` and ``left`` are None where unlimited.

    ``next`` is set while a cooldown runs.
    """

    used: int
    max: int | None
    left: int | None
    next: datetime | None
    invalid_used: int
    invalid_max: int


class Earlier(Record):
    """A result that a regrade replaced; ``evidence`` is where its evidence is kept."""

    submission: str
    number: int
    regrade: str
    at: datetime
    superseded_at: datetime
    verdict: Verdict | None
    score: float | None
    evidence: str | None


class Delivery(Record):
    """A grade on its way to the tracker; ``number`` is 2 and more for one from a regrade."""

    submission_id: str
    number: int = 1
    done: bool
    tries: int
    last_error: str | None
    run_url: str | None
    at: datetime
