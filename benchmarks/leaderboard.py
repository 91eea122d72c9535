"""How long a leaderboard takes out of a real store that holds 100,000 graded submissions of a lab.

The first submissions go through the ledger one by one, as `labrun submit` hands them over; the rest
are written in bulk with the same columns, and the best of each learner is found by the ledger's own
`refresh`. What the ledger then says is compared with a ranking worked out here, and the time is
that of what `labrun leaderboard` does: read the lab, open the ledger, ask for the board. Run:
`python -m benchmarks.leaderboard [--quick] [--json FILE]`.
"""

import json
import random
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from benchmarks.labs import ROOT, environment
from benchmarks.measures import Measure, main, quantile, ratio_of_pairs, timed

from labrun.app.settings import Settings
from labrun.app.views import leaderboard
from labrun.domain.grade import Estimate, Verdict
from labrun.domain.lab import Attempts
from labrun.domain.leaderboard import Board
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
from labrun.store.ledger_board import refresh
from labrun.store.ledger_database import Database
from labrun.store.ledger_ids import new_id
from labrun.store.ledger_records import NewSubmission, Worker
from labrun.store.tables import grades, submissions

LAB = "c02-credit-cost"
GRADED, QUICK_GRADED = 100_000, 2_000
LEARNERS, QUICK_LEARNERS = 1_000, 100
ONE_BY_ONE = 40
ASKED, QUICK_ASKED = 200, 20
COMMANDS, QUICK_COMMANDS = 9, 2
LIMIT_MS = 50
LIMIT_GROWTH = 2.0  # fifty times as many submissions by as many learners must not cost much more
BEGINNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
LOG = "x" * 2_000  # a result carries logs and findings: its row is as wide as a real one's
BATCH = 2_000
WORKER = Worker(name="bench", host="here", pid=1, started="then")


class Clock:
    """A clock that moves a minute with every look."""

    def __init__(self) -> None:
        self.now = BEGINNING

    def __call__(self) -> datetime:
        """Return the time."""
        self.now += timedelta(minutes=1)
        return self.now


def estimate(rng: random.Random) -> Estimate:
    """Return a value in cents, so that there are ties."""
    value = round(rng.uniform(0.4, 0.9), 2)
    return Estimate(
        metric="expected_cost",
        value=value,
        low=value - 0.03,
        high=value + 0.03,
        level=0.95,
        method="bootstrap",
        n=2000,
        direction="lower",
    )


def result(new: NewSubmission, at: datetime, score: float) -> Result:
    """Return a graded result of a submission, as wide as a real one."""
    return Result(
        official=new.official,
        split="hidden",
        submission=SubmissionInfo(
            id=new.id,
            sha256=new.sha256,
            files=("solution.py",),
            bytes=2_000,
            learner=new.learner,
            received=at,
        ),
        lab=LabInfo(slug=LAB, version="1.0.0", title="Credit", digest="d"),
        grader=GraderInfo(version="0", sandbox="docker", image=LOG, image_digest=None),
        environment=Environment(arch="x86_64", cpus=2),
        status=Status.GRADED,
        verdict=Verdict.PASSED if score >= 70 else Verdict.FAILED,  # noqa: PLR2004  (the lab's)
        score=score,
        pass_score=70,
        attempt=AttemptInfo(number=1, max=None, left=None, counted=True, why="graded"),
        seconds=2.0,
    )


def submission(number: int, learners: int, at: datetime, rng: random.Random) -> NewSubmission:
    """Return what a learner hands in; one of twenty is a practice run, which ranks apart."""
    return NewSubmission(
        id=new_id(at),
        learner=f"learner{number % learners:05}",
        lab=LAB,
        lab_version="1.0.0",
        lab_digest="d",
        sha256=f"{number:064x}",
        official=rng.random() > 0.05,  # noqa: PLR2004  (one of twenty)
        split="hidden",
    )


def fill(path: Path, graded: int, learners: int) -> None:
    """Make a ledger with as many graded submissions."""
    rng, clock = random.Random(5), Clock()  # noqa: S311  (not for secrets)
    with Ledger.open(path, clock=clock) as ledger:
        for number in range(ONE_BY_ONE):
            row = ledger.submit(submission(number, learners, clock.now, rng), Attempts())
            claim = ledger.claim(row.id, WORKER)
            assert claim is not None  # noqa: S101  (nobody else is there)
            fields = set(NewSubmission.model_fields)
            new = NewSubmission.model_validate(row.model_dump(include=fields))
            ledger.finish(claim, result(new, row.queued_at, _score(rng)), rank=estimate(rng))
    database = Database(path, clock=clock)
    for start in range(ONE_BY_ONE, graded, BATCH):
        rows = [
            _rows(submission(number, learners, clock(), rng), clock.now, rng)
            for number in range(start, min(start + BATCH, graded))
        ]
        with database.write() as tx:
            tx.connection.execute(submissions.insert(), [each for each, _ in rows])
            tx.connection.execute(grades.insert(), [each for _, each in rows])
    with database.write() as tx:
        for number in range(learners):
            for official in (True, False):
                refresh(tx, LAB, "practice", f"learner{number:05}", official=official)
    database.close()


def _score(rng: random.Random) -> float:
    return float(rng.randrange(0, 101, 5))


def _rows(
    new: NewSubmission, at: datetime, rng: random.Random
) -> tuple[dict[str, Any], dict[str, Any]]:
    rank, whole = estimate(rng), result(new, at, _score(rng))
    row = new.model_dump() | {
        "priority": 10,
        "fair_rank": 0,
        "state": "graded",
        "epoch": 1,
        "platform_failures": 0,
        "not_before": at,
        "queued_at": at,
        "finished_at": at,
        "why": "",
        "counted": new.official,
    }
    grade = {
        "submission_id": new.id,
        "epoch": 1,
        "lab": LAB,
        "kind": new.kind,
        "official": new.official,
        "learner": new.learner,
        "received": at,
        "at": at,
        "verdict": whole.verdict,
        "score": whole.score,
        "rank_value": rank.value,
        "rank_direction": rank.direction,
        "rank_estimate": json.dumps(rank.model_dump(mode="json")),
        "evidence": None,
        "result": json.dumps(whole.model_dump(mode="json")),
    }
    return row, grade


def by_hand(path: Path, *, official: bool) -> list[tuple[str, str, int]]:
    """Return (learner, submission, number graded), ranked from the grades themselves."""
    g = grades.c
    query = sa.select(g.learner, g.submission_id, g.rank_value, g.received).where(
        g.lab == LAB, g.official.is_(official)
    )
    best: dict[str, tuple[float, datetime, str]] = {}
    number: dict[str, int] = {}
    database = Database(path, clock=Clock())
    with database.read() as tx:
        for row in tx.connection.execute(query):
            number[row.learner] = number.get(row.learner, 0) + 1
            mine = (row.rank_value, row.received, row.submission_id)
            best[row.learner] = min(best.get(row.learner, mine), mine)
    database.close()
    order = sorted(best, key=lambda learner: best[learner])
    return [(learner, best[learner][2], number[learner]) for learner in order]


def refuse_wrong(board: Board, path: Path) -> None:
    """Stop where the ledger's board is not the one worked out from its grades."""
    for standings, official in ((board.official, True), (board.unofficial, False)):
        told = [(each.learner, each.submission, each.submissions) for each in standings]
        if told != by_hand(path, official=official):
            sys.exit("error: the leaderboard is not what its grades say")


def settings_of(home: Path) -> Settings:
    """Return settings as `labrun leaderboard` reads them."""
    return Settings(
        home=home,
        labs=ROOT / "labs",
        datasets=ROOT / "datasets",
        containers=ROOT / "containers",
        learner="bench",
    )


def measure(*, quick: bool) -> list[Measure]:
    """Return p50 and p95 of the board, and the command against Python that does nothing."""
    graded = QUICK_GRADED if quick else GRADED
    learners = QUICK_LEARNERS if quick else LEARNERS
    with tempfile.TemporaryDirectory() as folder:
        large, small = settings_of(Path(folder) / "large"), settings_of(Path(folder) / "small")
        for each, number in ((large, graded), (small, max(graded // 50, 2 * learners))):
            each.home.mkdir()
            fill(each.ledger, number, learners)
            refuse_wrong(leaderboard(LAB, each), each.ledger)
        asked = range(QUICK_ASKED if quick else ASKED)
        pairs = [
            (timed(lambda: leaderboard(LAB, large)), timed(lambda: leaderboard(LAB, small)))
            for _ in asked
        ]
        commands = command(large.home, QUICK_COMMANDS if quick else COMMANDS)
    times = [1000 * seconds for seconds, _ in pairs]
    what = f"leaderboard, {graded:,} graded by {learners:,} learners"
    return [
        Measure(f"{what}, p50", quantile(times, 0.5), "ms"),
        Measure(f"{what}, p95", quantile(times, 0.95), "ms", LIMIT_MS),
        Measure(
            "leaderboard, 50 times the submissions",
            ratio_of_pairs(pairs),
            "ratio",
            LIMIT_GROWTH,
            note="to as many learners with a fiftieth of the submissions",
        ),
        commands,
    ]


def command(home: Path, times: int) -> Measure:
    """Return the whole command as a ratio to `python -c pass`."""
    words = [sys.executable, "-P", "-m", "labrun", "leaderboard", LAB]
    around = environment(home)
    pairs = [
        (
            timed(lambda: subprocess.run(words, check=True, capture_output=True, env=around)),
            timed(lambda: subprocess.run([sys.executable, "-P", "-c", "pass"], check=True)),
        )
        for _ in range(times)
    ]
    return Measure("labrun leaderboard", ratio_of_pairs(pairs), "ratio", note="to python -c pass")


if __name__ == "__main__":
    main(measure)
