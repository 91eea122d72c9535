"""What the tests of the ledger share: a clock that is told, a fresh ledger, and ready records."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labrun.domain.grade import Estimate, Verdict
from labrun.domain.lab import Attempts, Lab
from labrun.domain.result import (
    AttemptInfo,
    Environment,
    GraderInfo,
    LabInfo,
    Result,
    Status,
    SubmissionInfo,
)
from labrun.store.ledger import Ledger
from labrun.store.ledger_ids import new_id
from labrun.store.ledger_records import Entry, NewSubmission, Worker

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class ToldClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


class Make:
    """Ready records; any field may be said."""

    def __init__(self, clock: ToldClock) -> None:
        self.clock = clock

    def new(self, **fields: Any) -> NewSubmission:
        content = fields.pop("content", "a")
        plain = {
            "id": new_id(self.clock.now),
            "learner": "ada",
            "lab": "c02",
            "lab_version": "1.0.0",
            "lab_digest": "d",
            "sha256": (content * 64)[:64],
            "official": True,
            "split": "hidden",
        }
        return NewSubmission.model_validate(plain | fields)

    def worker(self, **fields: Any) -> Worker:
        plain = {"name": "w1", "host": "here", "pid": 11, "started": "then"}
        return Worker.model_validate(plain | fields)

    def result(self, entry: Entry, status: Status = Status.GRADED, score: float = 80) -> Result:
        graded = status is Status.GRADED
        return Result(
            official=entry.official,
            split=entry.split,
            submission=SubmissionInfo(
                id=entry.id,
                sha256=entry.sha256,
                files=("a.py",),
                bytes=3,
                learner=entry.learner,
                received=entry.queued_at,
            ),
            lab=LabInfo(slug=entry.lab, version="1.0.0", title="A lab", digest="d"),
            grader=GraderInfo(version="0", sandbox="docker", image=None, image_digest=None),
            environment=Environment(arch="x86_64", cpus=1),
            status=status,
            verdict=(Verdict.PASSED if score >= 70 else Verdict.FAILED) if graded else None,
            score=score if graded else None,
            pass_score=70,
            attempt=AttemptInfo(number=1, max=5, left=4, counted=graded, why=""),
            seconds=1,
        )

    def estimate(self, value: float, **fields: Any) -> Estimate:
        plain = {
            "metric": "roc_auc",
            "value": value,
            "low": value - 0.1,
            "high": value + 0.1,
            "level": 0.95,
            "method": "delong",
            "n": 900,
            "direction": "higher",
        }
        return Estimate.model_validate(plain | fields)

    def lab(self, **fields: Any) -> Lab:
        plain = {
            "schema": "labrun/v1",
            "slug": "c02",
            "version": "1.0.0",
            "title": "A lab",
            "track": "core",
            "minutes": 30,
            "submission": {"require": ["a.py"]},
            "checks": [{"id": "auc", "type": "threshold", "points": 1}],
        }
        return Lab.model_validate(plain | fields)

    def graded(self, ledger: Ledger, *, score: float = 80, rank: Any = None, **new: Any) -> Entry:
        """Take one submission through the ledger, from queued to graded."""
        row = ledger.submit(self.new(**new), Attempts())
        claim = ledger.claim(row.id, self.worker())
        assert claim is not None
        assert ledger.finish(claim, self.result(row, score=score), rank=rank)
        return ledger.find(row.id)


@pytest.fixture
def clock() -> ToldClock:
    return ToldClock()


@pytest.fixture
def make(clock: ToldClock) -> Make:
    return Make(clock)


@pytest.fixture(scope="session")
def blank_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new ledger, made once: a test that wants one copies it."""
    path = tmp_path_factory.mktemp("blank") / "ledger.db"
    Ledger.open(path, clock=ToldClock()).close()
    return path


@pytest.fixture
def ledger_path(tmp_path: Path, blank_ledger: Path) -> Path:
    return Path(shutil.copy(blank_ledger, tmp_path / "ledger.db"))


@pytest.fixture
def ledger(ledger_path: Path, clock: ToldClock) -> Iterator[Ledger]:
    with Ledger.open(ledger_path, clock=clock) as opened:
        yield opened
