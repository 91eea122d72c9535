"""What a learner types, from the list of labs to the result, on the process sandbox."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from tests.unit.cli.conftest import FAST_LABS, LAB, ROOT, RUN_URL, FakeRecorder, Labrun

from labrun.cli import check_command


def test_the_list_says_what_was_passed(graded: Path, labrun: Labrun) -> None:
    assert graded.is_dir()
    told = labrun("list")
    row = next(line for line in told.out.splitlines() if line.startswith(LAB))
    assert "1 min" in row
    assert told.out.endswith("Begin one with: labrun start LAB\n")
    rows = json.loads(labrun("list", "--json").out)
    assert LAB in [each["slug"] for each in rows]


def test_a_lab_that_cannot_be_read_is_listed_with_the_reason(
    labrun: Labrun, tmp_path: Path
) -> None:
    shutil.copytree(FAST_LABS / LAB, tmp_path / "labs" / LAB)
    (tmp_path / "labs" / LAB / "lab.yaml").write_text("schema: labrun/v1\n")
    told = labrun("list", "--labs", tmp_path / "labs")
    assert told.code == 0
    assert "(cannot be read)" in told.out


def test_a_track_without_labs_names_those_there_are(labrun: Labrun) -> None:
    told = labrun("list", "--track", "none")
    assert (told.code, told.err.splitlines()[1]) == (2, "help: tracks: attacks")
    assert labrun("list", "--track", "attacks").out.startswith("LAB")


def test_labs_are_listed_by_track_with_progress_and_as_a_page(labrun: Labrun) -> None:
    assert "\nattacks: labs that name this track (0 of " in labrun("list").out
    page = labrun("list", "--markdown").out
    assert page.startswith("# Tracks and exams\n")
    assert f"| `{LAB}` |" in page


def test_exams_are_listed_below_the_labs(labrun: Labrun) -> None:
    told = labrun("list", "--labs", ROOT / "labs")
    assert "\nassociate            Associate (Foundations)" in told.out
    assert (
        "(not written yet)" in labrun("list", "--labs", ROOT / "labs", "--track", "ml-engineer").out
    )


def test_a_start_says_what_comes_first(labrun: Labrun, tmp_path: Path) -> None:
    shutil.copytree(FAST_LABS / LAB, tmp_path / "labs" / LAB)
    shutil.copytree(FAST_LABS.parent / "datasets", tmp_path / "datasets")
    with (tmp_path / "labs" / LAB / "lab.yaml").open("a") as file:
        file.write("\nprerequisites: [a-lab-before]\n")
    told = labrun("start", LAB, tmp_path / "mine", "--labs", tmp_path / "labs")
    assert told.code == 0, told.err
    first = "first do  a-lab-before  (not written yet)  (there is no such lab here)"
    assert told.out.splitlines()[0] == first


def test_a_lab_is_started_and_a_second_start_keeps_what_was_changed(
    labrun: Labrun, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    told = labrun("start", LAB, folder)
    assert told.code == 0
    assert f"wrote  {folder / 'solution.py'}" in told.out
    (folder / "solution.py").write_text("x = 1\n")
    again = labrun("start", LAB, folder)
    assert f"kept   {folder / 'solution.py'}" in again.out
    made = json.loads(labrun("start", LAB, tmp_path / "other", "--json").out)
    assert "solution.py" in made["written"]


def test_the_public_checks_are_run_and_cost_nothing(labrun: Labrun, work: Path) -> None:
    told = labrun("check", work, "--lab", LAB)
    assert told.code == 0, told.err
    assert "PASS" in told.out
    only = json.loads(labrun("check", work, "--lab", LAB, "--only", "contract", "--json").out)
    assert [check["id"] for check in only["checks"]] == ["contract"]
    assert labrun("history").out.startswith("nothing has been handed in yet")


def test_watching_runs_again_when_a_file_changes_and_survives_a_half_typed_one(
    labrun: Labrun, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = iter([None, "def (:\n", None])
    (work / ".hidden").mkdir()
    (work / ".hidden" / "x.py").write_text("x = 1\n")

    def sleep(seconds: float) -> None:
        assert seconds == check_command.WATCH_SECONDS
        try:
            text = next(rounds)
        except StopIteration:
            raise click.exceptions.Abort from None  # as Ctrl-C would
        if text:
            (work / "solution.py").unlink()

    monkeypatch.setattr(check_command, "time", SimpleNamespace(sleep=sleep))
    told = labrun("check", work, "--lab", LAB, "--only", "contract", "--watch")
    assert told.code == 130
    assert told.out.count("PASS") == 1  # nothing changed in the first round
    assert told.err.count("waiting for a change") == 2
    assert "lacks solution.py" in told.err


def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(labrun: Labrun, work: Path) -> None:
    for number in range(12):
        (work / f"notes{number}.md").write_text("x")
    told = labrun("submit", work, "--lab", LAB, "--dry-run")
    assert told.code == 0
    assert "send       solution.py" in told.out
    assert told.out.count("leave out  notes") == 8
    assert "leave out  4 more" in told.out
    assert "attempts are not limited" in told.out
    plan = json.loads(labrun("submit", work, "--lab", LAB, "--dry-run", "--json").out)
    assert (plan["lab"], plan["earlier"], len(plan["left_out"])) == (LAB, None, 12)
    assert labrun("history").out.startswith("nothing has been handed in yet")


def test_a_limit_on_attempts_is_said_before_one_is_spent(
    labrun: Labrun, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FAST_LABS / LAB, tmp_path / "labs" / LAB)
    with (tmp_path / "labs" / LAB / "lab.yaml").open("a") as file:
        file.write("attempts: {max: 3}\n")
    monkeypatch.setenv("LABRUN_DATASETS", str(FAST_LABS.parent / "datasets"))
    told = labrun("submit", work, "--lab", LAB, "--labs", tmp_path / "labs", "--dry-run")
    assert "3 of 3 attempts left before this one" in told.out


def test_a_submission_is_graded_shown_and_recorded(labrun: Labrun, work: Path) -> None:
    told = labrun("submit", work, "--lab", LAB)
    assert told.code == 0, told.err
    assert "PASSED" in told.out
    assert f"MLflow  {RUN_URL}" in told.out
    assert "report  " in told.out


def test_what_the_tracker_did_not_take_is_said_and_the_grade_is_kept(
    labrun: Labrun, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeRecorder, "error", "it is away")
    told = labrun("submit", work, "--lab", LAB)
    assert told.code == 0
    assert "MLflow  not recorded yet: it is away; the grade is kept and tried again" in told.out
    assert "1 grades wait for MLflow" in labrun("status").out


def test_the_history_has_a_row_a_submission(graded: Path, labrun: Labrun) -> None:
    assert graded.is_dir()
    told = labrun("history")
    (row,) = [line for line in told.out.splitlines() if LAB in line]
    assert "passed" in row
    assert row.endswith("my first")
    (entry,) = json.loads(labrun("history", LAB, "--json").out)
    assert (entry["learner"], entry["score"]) == ("ada", 100)
    assert json.loads(labrun("history", "--learner", "ben", "--json").out) == []


def last(labrun: Labrun) -> str:
    return str(json.loads(labrun("history", "--json").out)[0]["id"])


def test_the_result_is_shown_again_in_any_format(
    graded: Path, labrun: Labrun, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = last(labrun)[-6:]
    told = labrun("result", short)
    assert (told.code, "score 100 of 100" in told.out) == (0, True)
    assert json.loads(labrun("result", short, "--json").out)["score"] == 100
    assert "<testsuite" in labrun("result", short, "--format", "junit").out
    opened: list[str] = []
    monkeypatch.setattr(click, "launch", opened.append)
    told = labrun("result", short, "--open")
    report = graded / "reports" / f"{short}.html"
    assert (told.code, opened) == (0, [report.as_uri()])
    assert report.read_text().startswith("<!DOCTYPE html>")


def test_the_status_of_one_submission_tells_its_story(graded: Path, labrun: Labrun) -> None:
    assert graded.is_dir()
    name = last(labrun)
    told = labrun("status", name[-6:])
    assert told.out.splitlines()[0] == f"{name[-6:]}  {LAB} 1.0.0  by ada"
    assert "graded  passed, score 100" in told.out
    found = json.loads(labrun("status", name, "--json").out)
    assert found["events"][0]["kind"] == "queued"


def test_what_is_unfinished_is_listed(graded: Path, labrun: Labrun) -> None:
    assert graded.is_dir()
    assert labrun("status").out.startswith("nothing is unfinished\n")
    assert json.loads(labrun("status", "--json").out) == {"unfinished": [], "outbox": 1}


def test_the_leaderboard_is_text_json_or_mlflows_page(
    graded: Path, labrun: Labrun, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert graded.is_dir()
    assert "ada" in labrun("leaderboard", LAB).out
    assert json.loads(labrun("leaderboard", LAB, "--json").out)["lab"] == LAB
    opened: list[str] = []
    monkeypatch.setattr(click, "launch", opened.append)
    assert "start it with: labrun ui" in labrun("leaderboard", LAB, "--open").out
    assert len(opened) == 1
