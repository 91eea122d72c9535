"""A mistake in a lab is put right: real containers, a real ledger, a real MLflow."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import FAST_LABS, Run, command
from tests.e2e.test_kill import running, slowed, wait_for

pytestmark = pytest.mark.docker
LAB = "attack-call"
TESTS = "hidden/test_functions.py"
RIGHT = "assert solution.double(-2) == -4"


@pytest.fixture
def labs(tmp_path: Path) -> Path:
    """A folder of labs of which one hidden test is wrong: nobody can pass it."""
    shutil.copytree(FAST_LABS.parent / "datasets", tmp_path / "datasets")
    folder = tmp_path / "labs"
    shutil.copytree(FAST_LABS / LAB, folder / LAB)
    change(folder / LAB / TESTS, RIGHT, RIGHT.replace("-4", "-5"))
    return folder


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def submitted(labrun: Run, tmp_path: Path, labs: Path) -> Path:
    folder = tmp_path / "work"
    made = labrun("start", LAB, folder, "--labs", labs)
    assert made.returncode == 0, made.stderr
    shutil.copytree(FAST_LABS / LAB / "solution", folder, dirs_exist_ok=True)
    return folder


def history(labrun: Run) -> dict[str, Any]:
    (row,) = json.loads(labrun("history", "--json").stdout)
    return dict(row)


@pytest.mark.filterwarnings("ignore:The ``noload``")  # MLflow's own, of SQLAlchemy
def test_a_wrong_hidden_test_is_put_right_and_mlflow_says_what_replaced_what(
    labrun: Run, tmp_path: Path, home: Path, labs: Path
) -> None:
    done = labrun("submit", submitted(labrun, tmp_path, labs))
    assert done.returncode == 1, done.stdout + done.stderr
    before = history(labrun)
    change(labs / LAB / TESTS, RIGHT.replace("-4", "-5"), RIGHT)

    scored = labrun("regrade", LAB, "--rescore", "--labs", labs)
    assert scored.returncode == 2
    assert "needs --rerun" in scored.stdout
    ran = labrun("regrade", LAB, "--rerun", "--labs", labs, "--json")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert [item["change"] for item in found["items"]] == ["rises"]
    assert history(labrun) == before

    publish = ("regrade", LAB, "--publish", found["id"], "--labs", labs)
    assert labrun(*publish).returncode == 2
    told = labrun(*publish, "--reason", "test_double was wrong")
    assert told.returncode == 0, told.stdout + told.stderr
    now = history(labrun)
    assert (now["verdict"], now["counted"], now["epoch"]) == ("passed", True, before["epoch"])
    assert [(each["verdict"], each["number"]) for each in now["earlier"]] == [("failed", 1)]
    shown = labrun("result", before["id"])
    assert shown.returncode == 0
    assert "REGRADED" in shown.stdout
    assert "test_double was wrong" in shown.stdout
    assert "passed" in labrun("list", "--labs", labs).stdout
    assert labrun(*publish, "--reason", "again").returncode == 3
    mlflow_says_what_replaced_what(home, before)


def mlflow_says_what_replaced_what(home: Path, before: dict[str, Any]) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415  (slow to import)

    client = MlflowClient(f"sqlite:///{home}/mlflow.db")
    experiment = client.get_experiment_by_name(f"labrun/{LAB}")
    assert experiment
    runs = client.search_runs([experiment.experiment_id])
    new, old = sorted(runs, key=lambda run: "labrun.superseded_by" in run.data.tags)
    assert new.data.tags["labrun.supersedes"] == before["id"]
    assert new.data.tags["labrun.supersedes_run"] == old.info.run_id
    assert new.data.tags["labrun.regrade_reason"] == "test_double was wrong"
    assert old.data.tags["labrun.superseded_by"] == new.info.run_id
    assert (old.data.tags["labrun.verdict"], new.data.tags["labrun.verdict"]) == (
        "failed", "passed",
    )  # fmt: skip
    assert old.data.metrics["score"] == before["score"]
    assert new.data.metrics["score"] == 100
    assert new.info.run_id in experiment.tags["mlflow.note.content"]
    assert old.info.run_id not in experiment.tags["mlflow.note.content"]


def test_a_killed_rerun_leaves_no_container_and_goes_on(
    labrun: Run, environment: dict[str, str], tmp_path: Path, labs: Path
) -> None:
    folder = submitted(labrun, tmp_path, labs)
    source = (folder / "plain.py").read_text()
    (folder / "plain.py").write_text(slowed(source, "fit"))
    assert labrun("submit", folder).returncode == 1
    before = history(labrun)
    change(labs / LAB / TESTS, RIGHT.replace("-4", "-5"), RIGHT)
    argv = ("regrade", LAB, "--rerun", "--labs", labs)
    with subprocess.Popen(
        command(*argv), env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    ) as runner:  # fmt: skip
        wait_for("a container in fit", lambda: running(runner.pid, "fit"))
        beside = labrun(*argv)
        assert beside.returncode == 3
        assert "is being worked out by another command" in beside.stderr
        os.kill(runner.pid, signal.SIGKILL)
    wait_for("the containers to go", lambda: not running(runner.pid, "fit"))
    assert history(labrun) == before
    again = labrun(*argv)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "1 rises" in again.stdout
    assert "[1/1]" in again.stderr


def test_a_lab_that_is_not_there_and_one_without_grades_are_said(labrun: Run) -> None:
    unknown = labrun("regrade", "no-such-lab", "--rescore")
    assert unknown.returncode == 2
    assert "there is no lab called 'no-such-lab'" in unknown.stderr
    nothing = labrun("regrade", LAB, "--rescore")
    assert nothing.returncode == 0
    assert "nothing to regrade" in nothing.stdout
    assert labrun("regrade", LAB).returncode == 2
