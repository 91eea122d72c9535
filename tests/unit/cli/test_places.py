import shutil
from pathlib import Path

import pytest
from tests.unit.cli.conftest import FAST_LABS, LAB, Labrun

from labrun.app.settings import Settings
from labrun.cli.places import labs_named, place_of, settings_for
from labrun.cli.settings import read_settings
from labrun.errors import LabError, RefusedError, UserError


@pytest.fixture
def settings(home: Path) -> Settings:
    return read_settings().model_copy(update={"home": home})


@pytest.fixture
def workspace(labrun: Labrun, tmp_path: Path) -> Path:
    """A folder that bob started for the lab."""
    folder = tmp_path / "bob"
    told = labrun("start", LAB, folder, "--learner", "bob")
    assert told.code == 0, told.err
    return folder


def test_a_folder_without_a_marker_needs_the_lab_named(settings: Settings, work: Path) -> None:
    assert place_of(work, LAB, settings).lab == FAST_LABS / LAB
    assert place_of(work, LAB, settings).workspace is None
    with pytest.raises(UserError):
        place_of(work, None, settings)


def test_a_workspace_says_lab_and_learner_and_is_found_from_below(
    settings: Settings, workspace: Path
) -> None:
    place = place_of(workspace / "tests", None, settings)
    assert (place.lab, place.code) == (FAST_LABS / LAB, workspace)
    assert settings_for(place, settings, None).learner == "bob"
    assert settings_for(place, settings, "cleo").learner == settings.learner


def test_a_workspace_of_another_lab_is_refused(settings: Settings, workspace: Path) -> None:
    with pytest.raises(RefusedError, match="was started for lab 'attack-call', not for") as caught:
        place_of(workspace, "attack-phases", settings)
    assert caught.value.help == "leave --lab out, or run: labrun start attack-phases"


def test_labs_that_have_moved_are_looked_for_where_the_settings_say(
    settings: Settings, workspace: Path, tmp_path: Path
) -> None:
    marker = workspace / ".labrun" / "workspace.json"
    text = marker.read_text()
    assert str(FAST_LABS) in text
    marker.write_text(text.replace(str(FAST_LABS), str(tmp_path / "gone")))
    assert place_of(workspace, None, settings).lab == FAST_LABS / LAB


def test_an_archive_stands_for_itself_wherever_it_lies(
    settings: Settings, workspace: Path, tmp_path: Path
) -> None:
    shutil.make_archive(str(tmp_path / "mine"), "zip", workspace)
    archive = shutil.move(tmp_path / "mine.zip", workspace / "mine.zip")
    place = place_of(Path(archive), None, settings)
    assert (place.lab.name, place.code) == (LAB, workspace / "mine.zip")


def test_what_is_no_folder_is_said(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    for code in (tmp_path / "nowhere", tmp_path / "notes.txt", tmp_path / "gone.zip"):
        with pytest.raises(UserError, match="is not a folder"):
            place_of(code, LAB, settings)


def test_all_labs_are_meant_where_none_is_named(settings: Settings, tmp_path: Path) -> None:
    assert [each.name for each in labs_named(["attack-c"], settings)] == [LAB]
    assert LAB in {each.name for each in labs_named([], settings)}
    empty = settings.model_copy(update={"labs": tmp_path})
    with pytest.raises(LabError, match="there is no lab in"):
        labs_named([], empty)
