"""What becomes of grades on their way to the tracker, which is replaced; nothing else is."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.store.conftest import Make, ToldClock

from labrun.app import recording
from labrun.app.recording import Recorder, record_pending, tracker_for, ui_server, write_report
from labrun.app.settings import Settings
from labrun.domain.leaderboard import Board
from labrun.domain.result import Result
from labrun.errors import StoreError, TrackerError
from labrun.store.ledger import Ledger
from labrun.tracker.base import TrackerEntry

LABS = Path(__file__).parents[3] / "labs"


class FakeTracker:
    """A tracker that keeps what it is given, or fails as told."""

    def __init__(self, fault: TrackerError | None = None) -> None:
        self.fault = fault
        self.entries: list[TrackerEntry] = []
        self.boards: list[Board] = []

    def record(self, entry: TrackerEntry) -> str:
        if self.fault:
            raise self.fault
        self.entries.append(entry)
        return f"http://tracker/{len(self.entries)}"

    def describe(self, board: Board) -> None:
        self.boards.append(board)

    def runs_url(self, lab: str) -> str:
        return f"http://tracker/{lab}"

    def warm_up(self) -> None:
        """Import nothing."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    home.mkdir()
    return Settings(
        home=home, labs=LABS, datasets=tmp_path, containers=tmp_path, learner="ada",
        sandbox="process",
    )  # fmt: skip


def grade(settings: Settings, *, lab: str = "c02-credit-cost", learner: str = "ada") -> Result:
    make = Make(ToldClock())
    with Ledger.open(settings.ledger, clock=lambda: datetime.now(UTC)) as ledger:
        entry = make.graded(ledger, lab=lab, learner=learner)
        return ledger.result(entry.id)


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> FakeTracker:
    fake = FakeTracker()
    monkeypatch.setattr(recording, "tracker_for", lambda _settings: fake)
    return fake


def test_a_grade_is_recorded_once_with_its_report_and_result(
    settings: Settings, tracker: FakeTracker
) -> None:
    result = grade(settings)
    (done,) = record_pending(settings)
    assert (done.submission, done.run_url, done.error) == (
        result.submission.id,
        "http://tracker/1",
        None,
    )
    (entry,) = tracker.entries
    assert json.loads(entry.artifacts["result.json"])["submission"]["id"] == result.submission.id
    assert entry.artifacts["report.html"] == Path(str(done.report)).read_bytes()
    assert list(record_pending(settings)) == []


def test_what_the_tracker_refuses_stays_and_is_tried_again(
    settings: Settings, tracker: FakeTracker
) -> None:
    grade(settings)
    tracker.fault = TrackerError("it is away")
    assert [each.error for each in record_pending(settings)] == ["it is away"]
    tracker.fault = None
    assert [each.error for each in record_pending(settings)] == [None]


def test_a_report_that_cannot_be_written_leaves_the_grade_waiting(
    settings: Settings, tracker: FakeTracker
) -> None:
    grade(settings)
    (settings.home / "reports").write_text("a file")
    (done,) = record_pending(settings)
    assert "cannot write the report" in str(done.error)
    assert tracker.entries == []


def test_a_grade_of_a_lab_that_is_gone_is_recorded_without_a_leaderboard(
    settings: Settings, tracker: FakeTracker
) -> None:
    grade(settings, lab="gone")
    (done,) = record_pending(settings)
    assert done.error is None
    assert tracker.entries[0].board is None


def test_a_report_names_the_file_that_cannot_be_written(settings: Settings) -> None:
    taken = settings.home / "taken"
    taken.write_text("a file")
    with pytest.raises(StoreError, match="cannot write the report") as caught:
        write_report(grade(settings), taken)
    assert caught.value.help == "free some space, then: labrun record"


def test_the_tracker_is_mlflow_on_our_own_store_unless_another_is_named(
    settings: Settings,
) -> None:
    assert type(tracker_for(settings)).__name__ == "MlflowTracker"
    command = ui_server(settings, host="127.0.0.1", port=5001)
    assert {"127.0.0.1", "5001", settings.mlflow_uri} <= set(command)
    assert settings.mlflow_artifacts.is_dir()


def test_a_recorder_that_gives_no_answer_leaves_the_grade_waiting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = grade(settings)
    monkeypatch.setattr(recording, "MODULE", "labrun.nothing")
    with Recorder(settings) as recorder:
        done = recorder.record(result, None)
    assert done.error == "the recorder gave no answer"
    assert done.run_url is None
    with Ledger.open(settings.ledger, clock=lambda: datetime.now(UTC)) as ledger:
        assert len(ledger.pending()) == 1


def test_what_was_recorded_before_is_told_from_the_ledger_with_its_report(
    settings: Settings, tracker: FakeTracker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    result = grade(settings)
    assert [each.run_url for each in record_pending(settings)] == ["http://tracker/1"]
    assert tracker.entries
    monkeypatch.setattr(recording, "MODULE", "labrun.nothing")
    workspace = tmp_path / "work"
    workspace.mkdir()
    with Recorder(settings) as recorder:
        done = recorder.record(result, workspace)
    assert done.run_url == "http://tracker/1"
    assert done.report is not None
    assert Path(done.report).is_relative_to(workspace)
