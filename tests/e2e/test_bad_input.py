"""Whatever is wrong is answered in one `error:` and one `help:` line, and harms nothing."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.e2e.conftest import FAST_LABS, Run

CALL = "attack-call"
NO_ENGINE = "unix:///nonexistent/docker.sock"


def refused(done: object, code: int, said: str) -> None:
    """Assert the exit code and the two lines, and that no traceback shows."""
    stdout, stderr, found = done.stdout, done.stderr, done.returncode  # type: ignore[attr-defined]
    assert found == code, stdout + stderr
    errors = [line for line in stderr.splitlines() if line.startswith("error:")]
    helps = [line for line in stderr.splitlines() if line.startswith("help:")]
    assert (len(errors), len(helps)) == (1, 1), stderr
    assert said in errors[0]
    assert "Traceback" not in stderr


def started(labrun: Run, tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    assert labrun("start", CALL, folder).returncode == 0
    shutil.copytree(FAST_LABS / CALL / "solution", folder, dirs_exist_ok=True)
    return folder


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("start", "attack-cal1"), "there is no lab called 'attack-cal1'"),
        (("submit", "nowhere"), "'nowhere' is not a folder"),
        (("submit", ".", "--lab", "nothing"), "there is no lab called 'nothing'"),
        (("submit", "."), "in no folder that"),
        (("leaderboard", "nothing"), "there is no lab called 'nothing'"),
        (("result", "zzzzzz"), "zzzzzz"),
        (("status", "zzzzzz"), "zzzzzz"),
        (("submitt",), "did you mean 'submit'"),
        (("submit", "--frobnicate"), "--frobnicate"),
        (("list", "--track", "nothing"), "there is no track called 'nothing'"),
        (("grade", "nowhere", "--lab", CALL), "is not a folder"),
        (("check", ".", "--lab", CALL, "--only", "x"), "no public check called 'x'"),
    ],
)
def test_wrong_words(labrun: Run, argv: tuple[str, ...], said: str) -> None:
    refused(labrun(*argv, LABRUN_SANDBOX="process"), 2, said)


def test_a_malformed_lab_names_line_and_column(labrun: Run, tmp_path: Path) -> None:
    labs = tmp_path / "labs"
    shutil.copytree(FAST_LABS, labs)
    shutil.copytree(FAST_LABS.parent / "datasets", tmp_path / "datasets")
    path = labs / CALL / "lab.yaml"
    path.write_text(path.read_text().replace("minutes:", "minuts:"))
    done = labrun("start", CALL, tmp_path / "x", LABRUN_LABS=str(labs))
    refused(done, 2, "lab.yaml:")
    assert "did you mean 'minutes'?" in done.stderr
    assert not (tmp_path / "x").exists()


def test_a_submission_that_lacks_a_file(labrun: Run, tmp_path: Path) -> None:
    folder = started(labrun, tmp_path)
    (folder / "solution.py").rename(folder / "Solution.py")
    refused(labrun("submit", folder), 2, "lacks solution.py")


def test_a_submission_that_is_too_large(labrun: Run, tmp_path: Path) -> None:
    folder = started(labrun, tmp_path)
    (folder / "big.py").write_bytes(b"#" * 6_000_000)
    refused(labrun("submit", folder), 2, "the lab allows")


def test_a_workspace_of_another_lab_is_refused(labrun: Run, tmp_path: Path) -> None:
    folder = started(labrun, tmp_path)
    refused(labrun("submit", folder, "--lab", "attack-run"), 3, "was started for lab")


def test_no_docker(labrun: Run, tmp_path: Path) -> None:
    folder = started(labrun, tmp_path)
    done = labrun("submit", folder, DOCKER_HOST=NO_ENGINE)
    refused(done, 4, "no Docker engine answers")
    assert "nothing" in labrun("history").stdout


@pytest.mark.docker
def test_no_image(labrun: Run, tmp_path: Path) -> None:
    labs = tmp_path / "labs"
    shutil.copytree(FAST_LABS, labs)
    shutil.copytree(FAST_LABS.parent / "datasets", tmp_path / "datasets")
    path = labs / CALL / "lab.yaml"
    text = path.read_text()
    assert "image: cpu" in text
    path.write_text(text.replace("image: cpu", "image: never-built"))
    bare = tmp_path / "bare"
    shutil.copytree(FAST_LABS / CALL / "solution", bare)
    done = labrun("submit", bare, "--lab", CALL, LABRUN_LABS=str(labs))
    refused(done, 4, "'never-built' is not built")
    assert "labrun image build never-built" in done.stderr


def test_a_broken_ledger(labrun: Run, tmp_path: Path, home: Path) -> None:
    folder = started(labrun, tmp_path)
    home.mkdir(exist_ok=True)
    (home / "ledger.db").write_bytes(b"this is not a database" * 100)
    before = (home / "ledger.db").read_bytes()
    refused(labrun("submit", folder, "--sandbox", "process"), 4, "ledger.db")
    assert (home / "ledger.db").read_bytes() == before


def test_a_ledger_of_a_later_labrun(labrun: Run, tmp_path: Path, home: Path) -> None:
    folder = started(labrun, tmp_path)
    assert labrun("history").returncode == 0
    with sqlite3.connect(home / "ledger.db") as db:
        db.execute("update alembic_version set version_num = 'r9999'")
    db.close()
    refused(labrun("submit", folder, "--sandbox", "process"), 4, "ledger.db")


def test_a_read_only_home(labrun: Run, tmp_path: Path, small_disk: Callable[[str], Path]) -> None:
    folder = started(labrun, tmp_path)
    disk = small_disk("ro,size=1m")
    refused(labrun("submit", folder, LABRUN_HOME=str(disk / "home")), 4, str(disk))


def test_a_full_disk(labrun: Run, tmp_path: Path, small_disk: Callable[[str], Path]) -> None:
    folder = started(labrun, tmp_path)
    disk = small_disk("size=220k")
    done = labrun("submit", folder, "--sandbox", "process", LABRUN_HOME=str(disk / "home"))
    refused(done, 4, "full")


@pytest.mark.docker
def test_an_mlflow_that_is_down_delays_and_loses_nothing(labrun: Run, tmp_path: Path) -> None:
    folder = started(labrun, tmp_path)
    done = labrun("submit", folder, LABRUN_TRACKING_URI="http://127.0.0.1:1")
    assert done.returncode == 0, done.stderr
    assert "score 100" in done.stdout
    assert "not recorded yet" in done.stdout
    refused_later = labrun("record", LABRUN_TRACKING_URI="http://127.0.0.1:1")
    assert refused_later.returncode == 4
    assert "1 grades wait" in labrun("status").stdout
    assert labrun("record").returncode == 0
    assert "nothing is unfinished" in labrun("status").stdout
