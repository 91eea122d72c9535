"""The main job, whole: a learner's folder, real containers, a real ledger, a real MLflow."""

import json
import shutil
from pathlib import Path

import pytest
from tests.e2e.conftest import FAST_LABS, ROOT, Run, containers

pytestmark = pytest.mark.docker
CALL = "attack-call"


def workspace(labrun: Run, tmp_path: Path, lab: str, work: str) -> Path:
    folder = tmp_path / work
    made = labrun("start", lab, folder)
    assert made.returncode == 0, made.stderr
    shutil.copytree(FAST_LABS / lab / work, folder, dirs_exist_ok=True)
    return folder


@pytest.mark.filterwarnings("ignore:The ``noload``")  # MLflow's own, of SQLAlchemy
def test_a_solution_passes_and_its_grade_is_everywhere(
    labrun: Run, tmp_path: Path, home: Path
) -> None:
    folder = workspace(labrun, tmp_path, CALL, "solution")
    done = labrun("submit", folder, "-m", "first try")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "score 100 of 100" in done.stdout

    report = next((folder / ".labrun/results").glob("*.html"))
    assert "<svg" in report.read_text()
    history = json.loads(labrun("history", "--json").stdout)
    assert [(row["state"], row["verdict"], row["counted"]) for row in history] == [
        ("graded", "passed", True)
    ]
    assert containers(f"labrun.run={history[0]['id']}") == []
    result = json.loads(labrun("result", history[0]["id"], "--json").stdout)
    assert result["official"] is True
    assert result["grader"]["image_digest"].startswith("sha256:")
    assert result["submission"]["message"] == "first try"

    from mlflow import MlflowClient  # noqa: PLC0415  (slow to import)

    client = MlflowClient(f"sqlite:///{home}/mlflow.db")
    experiment = client.get_experiment_by_name(f"labrun/{CALL}")
    assert experiment
    assert "ada" in experiment.tags["mlflow.note.content"]
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.metrics["score"] == 100
    assert run.data.metrics["r2.low"] <= run.data.metrics["r2"]
    assert run.data.tags["labrun.verdict"] == "passed"
    names = {item.path for item in client.list_artifacts(run.info.run_id)}
    assert {"result.json", "report.html", "plots", "evidence.json"} <= names


def test_the_same_files_get_the_same_answer_and_no_new_draw(labrun: Run, tmp_path: Path) -> None:
    folder = workspace(labrun, tmp_path, CALL, "solution")
    first = json.loads(labrun("submit", folder, "--json").stdout)
    again = labrun("submit", folder)
    assert again.returncode == 0
    assert "graded before" in again.stdout
    assert len(json.loads(labrun("history", "--json").stdout)) == 1
    (folder / "solution.py").write_text((folder / "solution.py").read_text() + "\n# changed\n")
    assert (
        json.loads(labrun("submit", folder, "--json").stdout)["submission"] != first["submission"]
    )


def test_a_weaker_submission_fails_and_ranks_below(labrun: Run, tmp_path: Path) -> None:
    good = workspace(labrun, tmp_path, CALL, "solution")
    weak = workspace(labrun, tmp_path, CALL, "baseline")
    assert labrun("submit", good, "--learner", "ada").returncode == 0
    assert labrun("submit", weak, "--learner", "bob").returncode == 1
    board = json.loads(labrun("leaderboard", CALL, "--json").stdout)
    assert [row["learner"] for row in board["official"]] == ["ada", "bob"]
    assert board["unofficial"] == []
    assert "1" in labrun("leaderboard", CALL).stdout


def test_a_check_spends_nothing_and_an_unofficial_run_says_so(labrun: Run, tmp_path: Path) -> None:
    folder = workspace(labrun, tmp_path, CALL, "solution")
    checked = labrun("check", folder, "--format", "json")
    assert json.loads(checked.stdout)["split"] == "public"
    assert json.loads(labrun("history", "--json").stdout) == []
    done = labrun("submit", folder, "--sandbox", "process")
    assert "UNOFFICIAL" in done.stdout
    board = json.loads(labrun("leaderboard", CALL, "--json").stdout)
    assert (board["official"], len(board["unofficial"])) == ([], 1)


def test_commands_as_phases_are_graded_too(labrun: Run, tmp_path: Path) -> None:
    folder = workspace(labrun, tmp_path, "attack-run", "solution")
    done = labrun("submit", folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_syntax_error_costs_no_attempt(labrun: Run, tmp_path: Path) -> None:
    folder = workspace(labrun, tmp_path, CALL, "solution")
    (folder / "solution.py").write_text("def fit(table:\n")
    done = labrun("submit", folder)
    assert done.returncode == 2
    assert "solution.py:1" in done.stdout
    (row,) = json.loads(labrun("history", "--json").stdout)
    assert (row["state"], row["counted"]) == ("invalid", False)


def test_a_folder_of_submissions_is_graded_side_by_side_and_resumed(
    labrun: Run, tmp_path: Path
) -> None:
    for name, work in {"ada": "solution", "bob": "baseline", "=cmd": "solution"}.items():
        shutil.copytree(FAST_LABS / CALL / work, tmp_path / "class" / name)
    (tmp_path / "class" / "empty").mkdir()
    out = tmp_path / "grades.csv"
    done = labrun("grade", tmp_path / "class", "--lab", CALL, "-j", "2", "--csv", out)
    assert done.returncode == 4, done.stderr  # one folder has nothing to grade
    rows = [line.split(",")[:3] for line in out.read_text().splitlines()]
    assert rows[1:] == [
        ["'=cmd", "graded", "passed"],
        ["ada", "graded", "passed"],
        ["bob", "graded", "failed"],
        ["empty", "error", ""],
    ]
    again = labrun("grade", tmp_path / "class", "--lab", CALL, "-j", "2")
    assert again.stderr.count("graded before") == 3


def test_the_labs_of_this_checkout_are_listed(labrun: Run) -> None:
    listed = json.loads(labrun("list", "--json", LABRUN_LABS=str(ROOT / "labs")).stdout)
    assert {"c02-credit-cost", "d03-debug-training"} <= {row["slug"] for row in listed}
    assert all(row["problem"] is None for row in listed)


def test_the_doctor_finds_every_wall_standing(labrun: Run) -> None:
    done = labrun("doctor", "--json")
    told = json.loads(done.stdout)
    found = told["findings"]
    assert [each for each in found if each["state"] == "failed"] == []
    assert len([each for each in found if each["name"].startswith("wall:")]) > 50
    assert told["exam"] is True
