"""Calibrating a small lab in the process sandbox, and what rests on it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from labrun.app import calibrate as module
from labrun.app.bench import set_up
from labrun.app.calibrate import calibrate, controls_of, run_key, seeds_of
from labrun.app.compared import compared
from labrun.app.exam_ready import validate_for_exam
from labrun.app.exam_use import practice_only, refuse_practice_only
from labrun.app.gather import gather
from labrun.app.progress import Silence
from labrun.app.settings import Settings
from labrun.cli.main import labrun
from labrun.domain.evidence import Evidence
from labrun.domain.grade import Estimate, Outcome
from labrun.domain.result import CheckInfo
from labrun.errors import LabError, RefusedError
from labrun.store.calibrations import read_calibration
from labrun.store.labs import read_lab

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
PLANES = ROOT / "tests/attacks/lab/datasets/planes"
LAB = """\
schema: labrun/v1
slug: small
version: 1.0.0
title: A small lab
track: core
minutes: 1
dataset: planes
submission: {require: [solution.py]}
phases:
  - {name: fit, call: "solution:fit", input: train}
  - {name: predict, call: "solution:predict", input: features}
checks:
  - {id: contract, type: schema, phase: predict, gate: true}
  - {id: quality, type: threshold, metric: r2, decision: {rule: point, at: 0.9}, points: 100}
controls: {cheats: {constant: quality}}
"""
FIT = """\
import numpy as np
USED = {used}
def design(table):
    return np.column_stack([np.ones(len(table)), table[USED]])
def fit(train):
    return np.linalg.lstsq(design(train), train["y"], rcond=None)[0]
def predict(model, features):
    return design(features) @ model
"""
CONSTANT = """\
def fit(train):
    return float(train["y"].mean())
def predict(model, features):
    return [model] * len(features)
"""


class Told(Silence):
    """Keeps what was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home",
        labs=tmp_path / "labs",
        datasets=PLANES.parent,
        containers=ROOT / "containers",
        learner="author",
        sandbox="process",
    )


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    folder = tmp_path / "labs/small"
    bodies = {
        "solution": FIT.format(used=["a", "b", "c"]),
        "starter": CONSTANT,
        "baseline": FIT.format(used=["a"]),
        "cheats/constant": CONSTANT,
    }
    for name, body in bodies.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "solution.py").write_text(body)
    (folder / "lab.yaml").write_text(LAB)
    (folder / "README.md").write_text("# small\n")
    return folder


def change(lab: Path, old: str, new: str) -> None:
    path = lab / "lab.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_a_lab_is_calibrated_and_the_file_says_what_was_seen(lab: Path, settings: Settings) -> None:
    told = Told()
    done = calibrate(lab, seeds=2, jobs=2, settings=settings, progress=told)
    made = done.calibration
    assert read_calibration(lab) == made
    assert [each.name for each in made.controls] == ["solution", "baseline", "cheats/constant"]
    assert all(each.holds for each in made.controls)
    assert [each.chance.p for each in made.controls] == [1, 0, 0]
    assert [each.resampled for each in made.controls] == [1, 0, 0]
    (mark,) = made.marks
    assert mark.agrees
    assert mark.against == "baseline"
    reference = made.spread("solution", "quality")
    assert reference is not None
    assert (reference.n, reference.sd) == (300, 0)  # nothing in it hangs on the order of rows
    assert (made.official, made.sandbox, len(made.seeds)) == (False, "process", 2)
    assert sum(line.startswith("[") for line in told.lines) == 6


def test_a_calibration_that_was_stopped_goes_on(
    lab: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    gathered: list[int] = []

    def until_the_third(*args: Any, **fields: Any) -> Evidence:
        gathered.append(fields["seed"])
        if len(gathered) == 3:
            raise KeyboardInterrupt
        return gather(*args, **fields)

    monkeypatch.setattr(module, "gather", until_the_third)
    with pytest.raises(KeyboardInterrupt):
        calibrate(lab, seeds=2, jobs=1, settings=settings, progress=Silence())
    assert read_calibration(lab) is None
    kept = len(list((settings.cache / "calibration/runs").iterdir()))
    assert kept >= 2
    before = len(gathered)
    calibrate(lab, seeds=2, jobs=1, settings=settings, progress=Silence())
    assert len(gathered) - before == 6 - kept
    assert read_calibration(lab) is not None


def test_to_move_a_mark_takes_no_new_run_and_to_change_code_does(
    lab: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = calibrate(lab, seeds=2, jobs=1, settings=settings, progress=Silence()).calibration

    def never(*_: Any, **__: Any) -> Evidence:
        raise AssertionError

    monkeypatch.setattr(module, "gather", never)
    change(lab, "at: 0.9", "at: 0.999")
    again = calibrate(lab, seeds=2, jobs=1, settings=settings, progress=Silence()).calibration
    assert first.marks[0].agrees
    assert not again.marks[0].agrees
    assert again.control("solution") != first.control("solution")  # it no longer passes
    (lab / "solution/solution.py").write_text(FIT.format(used=["b", "c"]))
    with pytest.raises(AssertionError):
        calibrate(lab, seeds=2, jobs=1, settings=settings, progress=Silence())


def test_a_run_depends_on_what_it_saw(lab: Path, settings: Settings) -> None:
    def key(seed: int = 1) -> str:
        bench = set_up(lab, split="hidden", settings=settings, progress=Silence())
        return run_key(bench, controls_of(bench)[0].submission, seed)

    known = key()
    assert key() == known
    assert key(2) != known
    change(lab, "points: 100", "points: 50")
    assert key() == known
    (lab / "hidden").mkdir()
    (lab / "hidden/test_a.py").write_text("def test_a(): pass\n")
    assert key() != known


def test_the_seeds_of_a_lab_are_always_the_same(lab: Path) -> None:
    read = read_lab(lab)
    assert seeds_of(read, 3)[:2] == seeds_of(read, 2)
    assert len(set(seeds_of(read, 9))) == 9
    assert seeds_of(read.model_copy(update={"slug": "other"}), 1) != seeds_of(read, 1)


def test_a_lab_that_lacks_a_file_is_not_calibrated(lab: Path, settings: Settings) -> None:
    shutil.rmtree(lab / "baseline")
    with pytest.raises(LabError, match="baseline"):
        calibrate(lab, seeds=2, jobs=1, settings=settings, progress=Silence())


def test_a_fault_of_the_lab_ends_it_by_name(lab: Path, settings: Settings) -> None:
    body = (lab / "lab.yaml").read_text()
    test = "  - {id: broken, type: hidden-tests, path: hidden/test_a.py, points: 5}\n"
    (lab / "lab.yaml").write_text(body.replace("controls:", f"{test}controls:"))
    (lab / "hidden").mkdir()
    (lab / "hidden/test_a.py").write_text("import nothing_of_that_name\n")
    with pytest.raises(LabError, match="solution could not be judged"):
        calibrate(lab, seeds=2, jobs=1, settings=settings, progress=Silence())


def steps(lab: Path, settings: Settings) -> dict[str, tuple[bool, str]]:
    found = validate_for_exam(lab, settings=settings, progress=Silence())
    return {step.name: (step.passed, step.detail) for step in found}


def test_an_exam_asks_for_all_that_practice_does_and_more(lab: Path, settings: Settings) -> None:
    assert steps(lab, settings)["exam: calibration"][0] is False
    calibrate(lab, seeds=2, jobs=1, settings=settings, progress=Silence())
    found = steps(lab, settings)
    assert {"lab.yaml", "files", "solution", "baseline", "cheat constant"} <= found.keys()
    assert {name for name, (passed, _) in found.items() if not passed} == {
        "exam: calibration",  # it was made without isolation
        "exam: hidden rows",  # there are 300
    }
    assert found["exam: repeatable"][1].startswith("3 gradings")


def test_a_mark_that_a_constant_reaches_is_refused(lab: Path, settings: Settings) -> None:
    change(lab, "at: 0.9", "at: -0.1")
    passed, detail = steps(lab, settings)["exam: constants"]
    assert not passed
    assert "100 points" in detail


def test_a_lab_for_practice_says_so_and_no_exam_takes_it(lab: Path, settings: Settings) -> None:
    with (lab / "lab.yaml").open("a") as file:
        file.write('use: {exam: false, why: "70 hidden rows"}\n')
    found = steps(lab, settings)
    assert found["exam"] == (True, "practice only: 70 hidden rows")
    assert not [name for name in found if name.startswith("exam:")]
    read = read_lab(lab)
    assert practice_only(read) == "practice only: 70 hidden rows"
    with pytest.raises(RefusedError, match="'small' is not for exams: 70 hidden rows"):
        refuse_practice_only(read)


def info(name: str) -> CheckInfo:
    estimate = Estimate(
        metric="r2", value=0.5, low=0.4, high=0.6, level=0.95, method="x", n=9, direction="higher"
    )
    return CheckInfo(
        id=name, type="threshold", title=name, outcome=Outcome.FAILED, points=0, of=1, gate=False,
        rationale="", reveal="all", estimate=estimate,
    )  # fmt: skip


def test_a_learner_sees_baseline_and_reference_of_this_version_alone(
    lab: Path, settings: Settings
) -> None:
    made = calibrate(lab, seeds=2, jobs=1, settings=settings, progress=Silence()).calibration
    want = [made.spread(name, "quality") for name in ("baseline", "solution")]
    bench = set_up(lab, split="hidden", settings=settings, progress=Silence())
    first, other = compared([info("quality"), info("else")], bench)
    assert [first.baseline, first.reference] == [each.mean for each in want if each]
    assert (other.baseline, other.reference) == (None, None)
    public = set_up(lab, split="public", settings=settings, progress=Silence())
    assert [each.reference for each in compared([info("quality")], public)] == [None]
    change(lab, "version: 1.0.0", "version: 1.0.1")
    newer = set_up(lab, split="hidden", settings=settings, progress=Silence())
    assert [each.reference for each in compared([info("quality")], newer)] == [None]
    (lab / "calibration.json").write_text("{")
    assert [each.reference for each in compared([info("quality")], newer)] == [None]


def test_the_command_prints_writes_a_page_and_ends_with_1_where_a_mark_is_wrong(
    lab: Path, settings: Settings, tmp_path: Path
) -> None:
    env = {"LABRUN_HOME": str(settings.home), "LABRUN_DATASETS": str(settings.datasets)}
    argv = ["lab", "calibrate", "small", "--labs", str(settings.labs), "--sandbox", "process"]
    argv += ["--seeds", "2", "-j", "2"]
    page = tmp_path / "page.html"
    shown = CliRunner().invoke(labrun, [*argv, "--html", str(page)], env=env)
    assert shown.exit_code == 0, shown.output
    assert "quality: r2, higher is better, point at 0.9" in shown.stdout
    assert "<svg" in page.read_text()
    change(lab, "at: 0.9", "at: 0.9999")
    told = CliRunner().invoke(labrun, [*argv, "--json"], env=env)
    assert told.exit_code == 1
    assert json.loads(told.stdout)["marks"][0]["problems"]


def test_a_run_that_was_too_slow_is_made_again(lab: Path, settings: Settings) -> None:
    slow = "import time\n" + CONSTANT
    slow = slow.replace("    return [model]", "    time.sleep(9)\n    return [model]")
    (lab / "cheats/constant/solution.py").write_text(slow)
    change(lab, "phases:", "limits: {wall_seconds: 3}\nphases:")
    change(lab, "{constant: quality}", "{constant: contract}")
    made = calibrate(lab, seeds=2, jobs=2, settings=settings, progress=Silence()).calibration
    late = made.control("cheats/constant")
    assert late
    assert (late.holds, late.values) == (True, {})
    assert len(list((settings.cache / "calibration/runs").iterdir())) == 4  # of six
