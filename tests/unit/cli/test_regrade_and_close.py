"""What a trainer does once a lab was wrong, or is over: regrade, choose, close."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.feedback_lab import Course
from tests.unit.cli.conftest import FAST_LABS, LAB, FakeRecorder, Labrun

from labrun.app import regrading
from labrun.app.recording import Recorded
from labrun.cli import regrade_command
from labrun.errors import SandboxError

MARK = "decision: {rule: point, at: 0.9}"
TOO_HIGH = "decision: {rule: point, at: 0.999999}"
REASON = "the mark was a slip"


@pytest.fixture
def labs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lab whose mark nobody reaches."""
    shutil.copytree(FAST_LABS / LAB, tmp_path / "labs" / LAB)
    shutil.copytree(FAST_LABS.parent / "datasets", tmp_path / "datasets")
    monkeypatch.setattr(regrade_command, "Recorder", FakeRecorder)
    change(tmp_path / "labs", MARK, TOO_HIGH)
    return tmp_path / "labs"


def change(labs: Path, before: str, after: str) -> None:
    path = labs / LAB / "lab.yaml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


@pytest.fixture
def failed(labrun: Labrun, work: Path, labs: Path) -> dict[str, Any]:
    """Return what ada was told of a solution that should have passed."""
    done = labrun("submit", work, "--lab", LAB, "--labs", labs, "--json")
    assert done.code == 1, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def regrade(labrun: Labrun, labs: Path, *argv: str) -> Any:
    return labrun("regrade", LAB, *argv, "--labs", labs)


def verdict(labrun: Labrun) -> str:
    (row,) = json.loads(labrun("history", "--json").out)
    return str(row["verdict"])


def test_a_corrected_mark_is_proposed_then_published_and_said(
    labrun: Labrun, labs: Path, failed: dict[str, Any]
) -> None:
    assert failed["verdict"] == "failed"
    change(labs, TOO_HIGH, MARK)
    proposed = regrade(labrun, labs, "--rescore")
    assert proposed.code == 0, proposed.err
    assert "nothing is published yet; publish what rises with: labrun regrade" in proposed.out
    assert verdict(labrun) == "failed"
    short = proposed.out.split("--publish ")[1].split()[0]
    shown = regrade(labrun, labs, "--publish", short, "--dry-run", "--json")
    assert [each["change"] for each in json.loads(shown.out)["items"]] == ["rises"]
    assert verdict(labrun) == "failed"
    told = regrade(labrun, labs, "--publish", short, "--reason", REASON)
    assert told.code == 0, told.err
    assert told.out.endswith("1 published; every other result stays as it was\n")
    assert verdict(labrun) == "passed"
    again = regrade(labrun, labs, "--publish", short, "--reason", REASON)
    assert again.code == 3
    assert regrade(labrun, labs, "--rescore").out.endswith(
        "no result would rise: there is nothing to publish\n"
    )


def test_what_was_published_and_not_recorded_is_said(
    labrun: Labrun, labs: Path, failed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert failed
    change(labs, TOO_HIGH, MARK)
    found = json.loads(regrade(labrun, labs, "--rescore", "--json").out)
    away = [Recorded(submission="0" * 26, error="MLflow is away")]
    monkeypatch.setattr(FakeRecorder, "record_all", lambda _self: away)
    told = regrade(labrun, labs, "--publish", found["id"], "--reason", REASON)
    assert (told.code, verdict(labrun)) == (0, "passed")
    assert "MLflow  000000 not recorded yet: MLflow is away" in told.err


def test_changed_hidden_tests_ask_for_a_rerun_with_exit_code_2(
    labrun: Labrun, labs: Path, failed: dict[str, Any]
) -> None:
    assert failed
    tests = labs / LAB / "hidden" / "test_functions.py"
    tests.write_text(f"{tests.read_text()}\n# another\n")
    told = regrade(labrun, labs, "--rescore")
    assert told.code == 2
    assert "needs --rerun" in told.out
    ran = regrade(labrun, labs, "--rerun", "--json")
    assert ran.code == 0, ran.err
    assert [each["change"] for each in json.loads(ran.out)["items"]] == ["same"]


def test_a_fault_of_the_platform_is_exit_code_4_and_says_how_to_go_on(
    labrun: Labrun, labs: Path, failed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        msg = "the engine is away"
        raise SandboxError(msg)

    assert failed
    monkeypatch.setattr(regrading, "gather", broken)
    told = regrade(labrun, labs, "--rerun")
    assert told.code == 4
    assert f"not finished; go on with: labrun regrade {LAB} --rerun" in told.out


def test_where_nothing_was_graded_there_is_nothing_to_do(labrun: Labrun, labs: Path) -> None:
    told = regrade(labrun, labs, "--rescore")
    assert (told.code, told.out.partition(":")[0]) == (0, "nothing to regrade")
    assert json.loads(regrade(labrun, labs, "--rescore", "--json").out) is None


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ((), "say one of --rescore, --rerun and --publish ID"),
        (("--rescore", "--rerun"), "say one of"),
        (("--publish", "abc123"), "--publish needs --reason TEXT"),
        (("--publish", "abc123", "--reason", "x", "--only", "ada"), "takes a whole regrade"),
        (("--publish", "abc123", "--reason", "x"), "abc123"),
    ],
)
def test_what_makes_no_sense_is_refused(
    labrun: Labrun, labs: Path, argv: tuple[str, ...], said: str
) -> None:
    told = regrade(labrun, labs, *argv)
    assert told.code == 2
    assert said in told.err


@pytest.fixture
def course(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A lab that keeps rows for the end, in the home and the labs that the command finds."""
    assert not home.exists()
    made = Course(tmp_path / "course", monkeypatch)
    monkeypatch.setenv("LABRUN_HOME", str(made.settings.home))
    monkeypatch.setenv("LABRUN_LABS", str(made.settings.labs))
    monkeypatch.setenv("LABRUN_DATASETS", str(made.settings.datasets))
    return made


def test_the_chosen_one_counts_once_the_lab_is_closed(course: Course, labrun: Labrun) -> None:
    good, worse = (course.hand_in(course.noisy(size)) for size in (0.2, 1.0))
    short = good.submission.id[-6:]
    told = labrun("choose", short)
    assert (told.code, told.out) == (0, f"submission {short} will count when {LAB} is closed\n")
    closed = labrun("close", LAB)
    assert closed.code == 0, closed.err
    first, *board = closed.out.splitlines()
    assert first.startswith("closed at 20")
    assert any("ada" in line for line in board)
    again = json.loads(labrun("close", LAB, "--json").out)
    assert [row["submission"] for row in again["board"]["official"]] == [good.submission.id]
    late = labrun("choose", worse.submission.id)
    assert late.code == 3
    assert "was closed at" in late.err


def test_nobody_chooses_for_somebody_else(course: Course, labrun: Labrun) -> None:
    mine = course.hand_in(course.noisy(0.2), "bob")
    told = labrun("choose", mine.submission.id)
    assert told.code == 3
    assert "is not by 'ada'" in told.err
    chosen = labrun("choose", mine.submission.id, "--learner", "bob", "--json")
    assert json.loads(chosen.out)["id"] == mine.submission.id


def test_a_lab_that_keeps_no_rows_cannot_be_closed(labrun: Labrun) -> None:
    told = labrun("close", LAB)
    assert told.code == 2
    assert "keeps no hidden rows for the end" in told.err
