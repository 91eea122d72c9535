import json
import shutil
from pathlib import Path

import pytest
from tests.e2e.conftest import FAST_LABS, Run

pytestmark = pytest.mark.docker

SOME = ("cheating-constant", "escape-network", "resources-fork-bomb", "trust-tells-its-inputs")


def tried(name: str) -> tuple[str, str]:
    return "--only", name


def test_a_lab_that_holds_is_said_to(labrun: Run) -> None:
    done = labrun(
        "lab", "attack", "attack-phases", *(word for name in SOME for word in tried(name))
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("[1/5] held      control  score 100: nothing failed")
    assert [line.split()[2] for line in lines[1:5]] == list(SOME)
    assert lines[-1] == "attack-phases held against 4 attacks"


def test_a_lab_that_lets_a_constant_pass_does_not_hold(labrun: Run, tmp_path: Path) -> None:
    folder = tmp_path / "labs/attack-phases"
    shutil.copytree(FAST_LABS / "attack-phases", folder)
    shutil.copytree(FAST_LABS.parent / "datasets", tmp_path / "datasets")
    text = (folder / "lab.yaml").read_text("utf-8")
    assert "at: 0.9}" in text
    (folder / "lab.yaml").write_text(text.replace("at: 0.9}", "at: -100}"), "utf-8")
    done = labrun(
        "lab", "attack", "attack-phases", "--json", "--labs", tmp_path / "labs",
        *tried("cheating-constant"), *tried("cheating-too-short"),
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    found = {each["name"]: each for each in json.loads(done.stdout)}
    assert found["control"]["held"]
    assert not found["cheating-constant"]["held"]
    assert found["cheating-constant"]["detail"] == "it passes with 100 points"
    assert found["cheating-too-short"]["held"]
    assert "NOT HELD  cheating-constant" in done.stderr


def test_a_solution_that_fails_proves_nothing(labrun: Run, tmp_path: Path) -> None:
    folder = tmp_path / "labs/attack-phases"
    shutil.copytree(FAST_LABS / "attack-phases", folder)
    shutil.copytree(FAST_LABS.parent / "datasets", tmp_path / "datasets")
    shutil.copytree(folder / "baseline", folder / "solution", dirs_exist_ok=True)
    done = labrun("lab", "attack", "attack-phases", "--labs", tmp_path / "labs")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "NOT HELD  control  the solution fails: score 0" in done.stdout
    assert "cheating-" not in done.stdout


def test_hostile_code_is_not_run_without_a_sandbox(labrun: Run) -> None:
    done = labrun("lab", "attack", "attack-phases", LABRUN_SANDBOX="process")
    assert done.returncode == 3
    assert done.stderr.startswith("error: the sandbox 'process' isolates nothing")


def test_an_attack_nobody_knows_is_refused(labrun: Run) -> None:
    done = labrun("lab", "attack", "attack-phases", "--only", "nosuch")
    assert done.returncode == 2
    assert "there is no attack or class of attacks called 'nosuch'" in done.stderr
    assert "help: classes: cheating, escape, resources, trust" in done.stderr
