import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.unit.app.sealed_course import LAB, make_course, tree

from labrun.cli.main import labrun
from labrun.errors import UserError


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def course(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABRUN_HOME", str(home))
    for name in ("LABRUN_LAB_KEY", "LABRUN_LAB_KEY_FILE", "LABRUN_LABS", "LABRUN_DATASETS"):
        monkeypatch.delenv(name, raising=False)
    return make_course(tmp_path / "course")


def run(course: Path, *words: object, code: int = 0) -> str:
    """Run ``labrun lab`` on the labs of the course and return what it printed."""
    argv = ["lab", *map(str, words), "--labs", str(course / "labs")]
    done = CliRunner().invoke(labrun, argv, catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.stdout


def test_seal_check_and_open_are_a_round(course: Path, tmp_path: Path) -> None:
    before, key = tree(course), tmp_path / "key"
    said = run(course, "seal", LAB, "--new-key", key)
    assert "in the clear: README.md" in said
    assert f"written to {key}" in said
    assert key.read_text().strip() not in said
    assert run(course, "seal", LAB, "--check", "--key", key) == (
        "nothing of what is sealed was found in the clear\n"
    )
    assert "files written" in run(course, "open", LAB, "--key", key)
    assert tree(course) == before


def test_a_leak_is_told_with_exit_code_1(course: Path, tmp_path: Path) -> None:
    hidden = (course / "labs" / LAB / "hidden" / "test_functions.py").read_bytes()
    run(course, "seal", LAB, "--new-key", tmp_path / "key")
    (course / "copy.py").write_bytes(hidden)
    argv = ("seal", LAB, "--check", "--key", tmp_path / "key")
    assert run(course, *argv, code=1).startswith("LEAK  copy.py: has the bytes of")
    (found,) = json.loads(run(course, *argv, "--json", code=1))
    assert (found["path"], found["leak"]) == ("copy.py", True)


def test_both_speak_json(course: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    made = json.loads(run(course, "seal", LAB, "--new-key", key, "--json"))
    assert (made["lab"], made["still_clear"]) == (LAB, None)
    opened = json.loads(run(course, "open", LAB, "--key", key, "--json"))
    assert opened["lab"] == LAB
    assert opened["placed"]["written"]


@pytest.mark.parametrize("other", [("--key", "k"), ("--check",)])
def test_a_new_key_goes_alone(course: Path, tmp_path: Path, other: tuple[str, ...]) -> None:
    argv: Any = ["lab", "seal", LAB, "--new-key", str(tmp_path / "new"), *other]
    done = CliRunner().invoke(labrun, [*argv, "--labs", str(course / "labs")])
    assert isinstance(done.exception, UserError)
    assert not (tmp_path / "new").exists()


def test_the_key_in_the_environment_wins_over_a_file_there_and_an_option_over_both(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(course, "seal", LAB, "--new-key", tmp_path / "right")
    monkeypatch.setenv("LABRUN_LAB_KEY_FILE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("LABRUN_LAB_KEY", (tmp_path / "right").read_text())
    run(course, "seal", LAB, "--check")
    monkeypatch.setenv("LABRUN_LAB_KEY", "hunter2")
    run(course, "seal", LAB, "--check", "--key", tmp_path / "right")
    argv = ["lab", "open", LAB, "--labs", str(course / "labs")]
    done = CliRunner().invoke(labrun, argv)
    assert isinstance(done.exception, UserError)
    assert "the variable LABRUN_LAB_KEY holds no key" in str(done.exception)


def test_a_data_set_that_stays_is_named(course: Path, tmp_path: Path) -> None:
    other = course / "labs" / "broken"
    other.mkdir()
    (other / "lab.yaml").write_text("slug: [")
    argv = ["lab", "seal", LAB, "--new-key", str(tmp_path / "k"), "--labs", str(course / "labs")]
    done = CliRunner().invoke(labrun, argv, catch_exceptions=False)
    assert "still in the clear" in done.stderr
    assert "which broken also uses" in done.stderr
