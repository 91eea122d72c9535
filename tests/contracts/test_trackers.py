"""What every tracker owes the grades it is given, whatever learners wrote."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labrun.domain.evidence import Ending
from labrun.domain.grade import Estimate, Outcome, Verdict
from labrun.domain.leaderboard import Board, Standing
from labrun.domain.result import (
    AttemptInfo,
    CheckInfo,
    DataInfo,
    Environment,
    GraderInfo,
    LabInfo,
    PhaseInfo,
    Result,
    Status,
    SubmissionInfo,
)
from labrun.tracker.base import TRACKERS, Tracker, TrackerEntry

# MLflow 3.17 still says `noload`, which SQLAlchemy 2.1 deprecates; an error here breaks its tables.
pytestmark = pytest.mark.filterwarnings(
    "ignore:The ``noload`` loader strategy:sqlalchemy.exc.SADeprecationWarning"
)

TRACKER_NAMES = ["mlflow", "null"]
HOSTILE = {
    "ansi": "\x1b[31mPASS\x1b[0m",
    "control": "a\x00b\x07\x7f\x85",
    "bidi": "\u202etxt.exe\u2066",
    "html": "<script>alert(1)</script>",
    "xml": "]]> <![CDATA[",
    "quotes": "' OR tags.x = '1 ` \" \\",
    "half": "\ud800",
    "markdown": "| a | b |\n\n# h\n[x](http://evil)",
    "long": "A" * 100_000,
    "empty": "",
    "emoji": "🦄 日本語",
}
WHEN = datetime(2025, 3, 4, 14, tzinfo=UTC)


def hostile_entry(text: str) -> TrackerEntry:
    estimate = Estimate(
        metric="roc_auc", value=0.5, low=float("nan"), high=float("inf"), level=0.95, method=text,
        n=9, direction="higher",
    )  # fmt: skip
    check = CheckInfo(
        id="one", type=text, title=text, outcome=Outcome.FAILED, points=0, of=10, gate=True,
        rationale=text, reveal="all", estimate=estimate,
    )  # fmt: skip
    sent = SubmissionInfo(
        id="a41d7e", sha256=text, files=(text,), bytes=1, learner=text, received=WHEN,
        message=text, commit=text,
    )  # fmt: skip
    result = Result(
        official=True, split="hidden", submission=sent,
        lab=LabInfo(slug="lab", version=text, title=text, digest=text),
        grader=GraderInfo(version=text, sandbox=text, image=text, image_digest=text),
        data=(DataInfo(id=text, sha256=text),),
        environment=Environment(arch=text, cpus=1), status=Status.GRADED,
        verdict=Verdict.FAILED, reason=text, score=0, pass_score=70, seconds=float("inf"),
        phases=(PhaseInfo(name="fit", ending=Ending.CRASHED, seconds=1, log=text),),
        checks=(check,),
        attempt=AttemptInfo(number=None, max=None, left=None, counted=False, why=text),
    )  # fmt: skip
    standing = Standing(
        rank=1, learner=text, submission="a41d7e", verdict=Verdict.FAILED, score=0,
        estimate=estimate, received=WHEN, submissions=1,
    )  # fmt: skip
    return TrackerEntry(
        result=result,
        artifacts={"result.json": text.encode("utf-8", "replace")},
        board=Board(lab="lab", title=text, metric=text, official=(standing,)),
        params={"seed": text},
        tags={"note": text},
    )


@pytest.fixture(autouse=True)
def environment_kept() -> Iterator[None]:
    """Undo the settings that MLflow's own setters leave in the environment."""
    before = {name: text for name, text in os.environ.items() if name.startswith("MLFLOW_")}  # noqa: TID251
    yield
    for name in [name for name in os.environ if name.startswith("MLFLOW_")]:  # noqa: TID251
        del os.environ[name]  # noqa: TID251
    os.environ.update(before)  # noqa: TID251


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(params=TRACKER_NAMES)
def tracker(request: pytest.FixtureRequest, home: Path) -> Tracker:
    connect = TRACKERS[request.param]
    return connect(
        uri=f"sqlite:///{home}/{request.param}.db", artifacts=home / "files", ui_url="http://ui"
    )


def test_the_promised_trackers_are_registered() -> None:
    assert list(TRACKERS.all()) == TRACKER_NAMES


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_every_tracker_records_whatever_was_written(tracker: Tracker, text: str) -> None:
    entry = hostile_entry(text)
    name = f"case-{list(HOSTILE.values()).index(text)}"
    sent = entry.result.submission.model_copy(update={"id": name})
    entry = entry.model_copy(
        update={"result": entry.result.model_copy(update={"submission": sent})}
    )
    url = tracker.record(entry)
    assert tracker.record(entry) == url
    assert url.isprintable()


def test_every_tracker_has_an_address_for_a_lab_never_graded(tracker: Tracker) -> None:
    assert tracker.runs_url("fresh").isprintable()


def test_every_tracker_warms_up_without_touching_its_store(tracker: Tracker, home: Path) -> None:
    before = sorted(home.rglob("*"))
    tracker.warm_up()
    assert sorted(home.rglob("*")) == before
