"""Promises every lab keeps; a new lab is tested by being there."""

import os
from pathlib import Path
from typing import Any

import pytest

from labrun.app.progress import Silence
from labrun.app.settings import Settings
from labrun.app.validate import validate
from labrun.domain.lab import Lab
from labrun.grading.check import CHECKS
from labrun.grading.exam_rules import calibration_rules
from labrun.store.bundles import collect
from labrun.store.calibrations import calibration_text, read_calibration
from labrun.store.datasets import source_digest
from labrun.store.labs import read_lab

ROOT = Path(__file__).parent.parent.parent
LABS = sorted(path.parent for path in (ROOT / "labs").glob("*/lab.yaml"))
# A lab and its cheat for each behaviour probe: the probe catches it, and no other check does.
CAUGHT_BY_ONE: dict[str, tuple[str, str]] = {
    "determinism": ("d03-debug-training", "unseeded"),
    "flipped-canaries": ("d03-debug-training", "leaked-answers"),
    "imports": ("f01-linear-algebra", "sklearn-pls"),
    "label-shuffle": ("c02-credit-cost", "shipped"),
    "outlier-invariance": ("p01-flight-delays", "batch-units"),
    "row-invariance": ("c01-houses", "batch-ranks"),
    "train-degradation": ("c01-houses", "shipped"),
}


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        home=tmp_path_factory.mktemp("home"),
        labs=ROOT / "labs",
        datasets=ROOT / "datasets",
        containers=ROOT / "containers",
        learner="author",
        engine=os.environ.get("DOCKER_HOST"),  # noqa: TID251  (the engine this machine has)
    )


SLOW = {"d03-debug-training"}  # nine controls, each trained five times: `make nightly`


def labs() -> list[Any]:
    slow = pytest.mark.nightly
    return [pytest.param(lab, id=lab.name, marks=slow if lab.name in SLOW else ()) for lab in LABS]


@pytest.mark.docker
@pytest.mark.parametrize("lab", labs())
def test_every_control_gets_the_result_the_lab_promises(lab: Path, settings: Settings) -> None:
    steps = list(validate(lab, settings=settings, progress=Silence()))
    assert [f"{step.name}: {step.detail}" for step in steps if not step.passed] == []
    names = {step.name for step in steps}
    assert {"lab.yaml", "files", "solution", "baseline", "public checks", "nothing hidden"} <= names
    assert len([name for name in names if name.startswith("cheat ")]) >= 2
    failed = {step.name.removeprefix("cheat "): step.failed for step in steps}
    for slug, cheat in CAUGHT_BY_ONE.values():
        if slug == lab.name:
            assert failed[cheat] == (read_lab(lab).controls.cheats[cheat],)


@pytest.mark.parametrize("kind", CAUGHT_BY_ONE)
def test_the_cheat_of_a_probe_is_stopped_by_a_check_of_its_type(kind: str) -> None:
    slug, cheat = CAUGHT_BY_ONE[kind]
    lab = read_lab(ROOT / "labs" / slug)
    types = {spec.id: spec.type for spec in lab.checks}
    assert types[lab.controls.cheats[cheat]] == kind


def test_every_probe_has_a_cheat_that_it_alone_catches() -> None:
    others = {"hidden-tests", "phase", "schema", "threshold", "budget", "latency", "operators"}
    assert CHECKS.all().keys() - others == CAUGHT_BY_ONE.keys()


def test_there_are_labs_to_test() -> None:
    assert len(LABS) >= 7


def _lab_and_data(folder: Path) -> tuple[Lab, str | None]:
    lab = read_lab(folder)
    return lab, source_digest(ROOT / "datasets" / lab.dataset) if lab.dataset else None


@pytest.mark.parametrize("folder", LABS, ids=lambda path: path.name)
def test_every_lab_has_a_calibration_of_its_version_and_data(folder: Path) -> None:
    lab, data = _lab_and_data(folder)
    found = read_calibration(folder)
    assert found is not None
    assert found.fits(lab.version, data), f"run: labrun lab calibrate {lab.slug}"
    assert found.official
    assert len(found.seeds) >= 5
    assert all(each.holds for each in found.controls)
    files = {each.name: collect(lab, folder / each.name).submission for each in found.controls}
    assert {each.name: each.sha256 for each in found.controls} == {
        name: submission.digest for name, submission in files.items()
    }
    assert (folder / "calibration.json").read_text(encoding="utf-8") == calibration_text(found)


@pytest.mark.parametrize("folder", LABS, ids=lambda path: path.name)
def test_the_marks_of_every_lab_for_exams_are_clear_of_its_controls(folder: Path) -> None:
    lab, data = _lab_and_data(folder)
    rules = calibration_rules(lab, data, read_calibration(folder))
    broken = {rule.name: rule.problems for rule in rules if rule.problems}
    if lab.use.exam:
        assert broken == {}
    else:
        assert broken, "every rule holds: the lab need not be for practice only"
