"""A sealed lab in real containers: graded like any other, with nothing of it in their reach."""

import json
import shutil
from pathlib import Path

import pytest
from tests.e2e.conftest import ROOT, Run

from labrun.app.bench import set_up
from labrun.app.progress import Silence
from labrun.app.reach import reachable_secrets
from labrun.app.settings import Settings
from labrun.app.submit import guard
from labrun.store.lab_keys import read_key

pytestmark = pytest.mark.docker
LAB = "c02-credit-cost"
LEAVE = shutil.ignore_patterns("__pycache__")


@pytest.fixture
def sealed(labrun: Run, tmp_path: Path) -> tuple[Path, Path]:
    """The folder of labs of a public copy of c02, and the file of its key."""
    course = tmp_path / "course"
    shutil.copytree(ROOT / "labs" / LAB, course / "labs" / LAB, ignore=LEAVE)
    shutil.copytree(ROOT / "datasets" / "credit", course / "datasets" / "credit", ignore=LEAVE)
    key, public = tmp_path / "key", tmp_path / "public"
    done = labrun("lab", "seal", LAB, "--labs", course / "labs", "--new-key", key, "--to", public)
    assert done.returncode == 0, done.stderr
    return public / "labs", key


def test_a_submission_to_a_sealed_lab_is_graded_with_the_key_alone(
    labrun: Run, sealed: tuple[Path, Path], tmp_path: Path, home: Path
) -> None:
    labs, key = sealed
    checked = labrun("lab", "seal", LAB, "--check", "--labs", labs, LABRUN_LAB_KEY_FILE=str(key))
    assert (checked.returncode, checked.stdout) == (
        0,
        "nothing of what is sealed was found in the clear\n",
    )
    work = tmp_path / "work"
    assert labrun("start", LAB, work, "--labs", labs).returncode == 0
    shutil.copy(ROOT / "labs" / LAB / "solution" / "solution.py", work)

    without = labrun("submit", work)
    assert without.returncode == 2
    assert "is sealed: grading it takes its key" in without.stderr
    assert "LABRUN_LAB_KEY" in without.stderr
    assert json.loads(labrun("history", "--json").stdout) == []

    text = key.read_text().strip()
    done = labrun("submit", work, "--json", LABRUN_LAB_KEY=text)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["verdict"], result["official"]) == ("passed", True)
    assert text not in done.stdout + done.stderr
    kept = [path for path in home.rglob("*") if path.is_file() and path.suffix != ".csv"]
    assert not [path for path in kept if text.encode() in path.read_bytes()]


def test_neither_the_key_nor_what_it_opens_is_within_a_container_s_reach(
    sealed: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labs, key = sealed
    text = read_key(key).text
    monkeypatch.setenv("LABRUN_LAB_KEY", text)
    settings = Settings(
        home=tmp_path / "home",
        labs=labs,
        datasets=tmp_path / "nowhere",
        containers=ROOT / "containers",
        learner="ada",
        lab_key_file=key,
    )
    bench = set_up(labs / LAB, split="hidden", settings=settings, progress=Silence())
    assert (bench.folder / "hidden").is_dir()
    with guard(settings):
        assert reachable_secrets(bench, key=text) == []
        lying_there = reachable_secrets(bench, key="explorer.py")  # the search does find things
    assert [each for each in lying_there if "the key of the lab" in each]
