"""The one record that says everything about a submission: ``result.json``."""

import enum
from datetime import datetime
from typing import Literal

from labrun.domain.evidence import Ending, LearnerError
from labrun.domain.grade import Estimate, Fault, Outcome, Plot, Verdict
from labrun.domain.mode import Mode
from labrun.domain.record import Record, Slug

Part = Literal["all", "feedback", "final"]


class Status(enum.StrEnum):
    """Where a submission stands."""

    QUEUED = "queued"
    RUNNING = "running"
    GRADED = "graded"
    INVALID = "invalid"
    SYSTEM_ERROR = "system-error"
    CANCELLED = "cancelled"


class SubmissionInfo(Record):
    """Which files of whom."""

    id: str
    sha256: str
    files: tuple[str, ...]
    bytes: int
    learner: str
    received: datetime
    message: str | None = None
    commit: str | None = None


class LabInfo(Record):
    """Which lab, to the byte."""

    slug: Slug
    version: str
    title: str
    digest: str


class GraderInfo(Record):
    """What judged it, and where the code ran."""

    version: str
    sandbox: str
    image: str | None
    image_digest: str | None


class DataInfo(Record):
    """One table that was used."""

    id: str
    sha256: str


class Environment(Record):
    """The machine."""

    arch: str
    cpus: int
    gpu: str | None = None


class PhaseInfo(Record):
    """One phase as the learner may see it; seconds are the host's, None where they are withheld."""

    name: Slug
    ending: Ending
    detail: str = ""
    queued_seconds: float = 0
    seconds: float | None = None
    exit_code: int | None = None
    cpu_seconds: float | None = None
    memory_mb: float | None = None
    memory_limit_mb: int | None = None
    rows: int | None = None
    error: LearnerError | None = None
    log: str = ""


class CheckInfo(Record):
    """One check as the learner may see it.

    ``baseline`` and ``reference`` are what the lab's own two submissions had on the same rows.
    """

    id: Slug
    type: str
    title: str
    outcome: Outcome
    points: float
    of: float
    gate: bool
    rationale: str
    help: str | None = None
    reveal: str
    fault: Fault | None = None
    estimate: Estimate | None = None
    shown_from: str | None = None
    baseline: float | None = None
    reference: float | None = None


class AttemptInfo(Record):
    """What it cost: ``number`` counts graded submissions; None where nothing is counted."""

    number: int | None
    max: int | None
    left: int | None
    next: datetime | None = None
    counted: bool
    why: str


class How(enum.StrEnum):
    """Judge the stored evidence again, or run the stored files again and judge that."""

    RESCORE = "rescore"
    RERUN = "rerun"


class RegradeInfo(Record):
    """Why a result replaced an earlier one; ``kept`` names what would have fallen and did not.

    ``number`` is that of this result: 2 for the first that replaced another.
    """

    id: str
    number: int
    how: How
    reason: str
    at: datetime
    earlier_verdict: Verdict | None
    earlier_score: float | None
    kept: tuple[str, ...] = ()


class Result(Record):
    """One submission, from files to verdict; the learner's view of it is made before writing.

    ``part`` says which of the hidden rows its numbers are about: all, those for feedback (what is
    said of them is provisional), or the final ones, which are graded once, when a lab is closed.
    """

    schema_version: Literal["labrun/result/v1"] = "labrun/result/v1"
    official: bool
    split: Literal["hidden", "public"]
    part: Part = "all"
    mode: Mode = Mode.PRACTICE
    submission: SubmissionInfo
    lab: LabInfo
    grader: GraderInfo
    data: tuple[DataInfo, ...] = ()
    environment: Environment
    status: Status
    verdict: Verdict | None = None
    fault: Fault | None = None
    reason: str = ""
    score: float | None = None
    pass_score: float
    failed_gates: tuple[Slug, ...] = ()
    phases: tuple[PhaseInfo, ...] = ()
    checks: tuple[CheckInfo, ...] = ()
    hidden_checks: int = 0
    plots: tuple[Plot, ...] = ()
    attempt: AttemptInfo
    seconds: float | None = None
    timings: dict[str, float] = {}
    supersedes: str | None = None
    regrade: RegradeInfo | None = None
