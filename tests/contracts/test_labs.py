"""Promises every lab keeps; a new lab is tested by being there."""

import os
from pathlib import Path

import pytest

from labrun.app.progress import Silence
from labrun.app.settings import Settings
from labrun.app.validate import validate

ROOT = Path(__file__).parent.parent.parent
LABS = sorted(path.parent for path in (ROOT / "labs").glob("*/lab.yaml"))


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


@pytest.mark.docker
@pytest.mark.parametrize("lab", LABS, ids=lambda path: path.name)
def test_every_control_gets_the_result_the_lab_promises(lab: Path, settings: Settings) -> None:
    steps = list(validate(lab, settings=settings, progress=Silence()))
    assert [f"{step.name}: {step.detail}" for step in steps if not step.passed] == []
    names = {step.name for step in steps}
    assert {"lab.yaml", "files", "solution", "baseline", "public checks", "nothing hidden"} <= names
    assert len([name for name in names if name.startswith("cheat ")]) >= 2


def test_there_are_labs_to_test() -> None:
    assert len(LABS) >= 7
