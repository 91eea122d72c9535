"""Labs by track and by exam, as a learner finds them."""

import shutil
from pathlib import Path

import pytest

from labrun.app.catalogue import by_track, catalogue, exams, to_do_before
from labrun.app.settings import Settings
from labrun.errors import LabError, UserError

ROOT = Path(__file__).parents[3]
LAB = ROOT / "tests" / "attacks" / "lab" / "labs" / "attack-call"
BLUEPRINT = """
schema: labrun/blueprint/v1
slug: small
title: A small exam
level: 1
minutes: 30
pass_score: 70
domains: [{slug: all, title: All of it, weight: 100, labs: [a1, a3]}]
compulsory: [a1, a3]
"""
TRACKS = """
schema: labrun/tracks/v1
tracks:
  - {slug: late, title: Late things, about: what comes late}
  - {slug: early, title: Early things, about: what comes early}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for slug, track, first in [
        ("a01-x", "early", "[b]"),
        ("b", "own", "[]"),
        ("a02", "late", "[]"),
    ]:
        folder = tmp_path / "labs" / slug
        folder.mkdir(parents=True)
        text = (LAB / "lab.yaml").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith(("slug:", "track:"))]
        own = [f"slug: {slug}", f"track: {track}", f"prerequisites: {first}"]
        (folder / "lab.yaml").write_text("\n".join([*lines, *own]), encoding="utf-8")
    (tmp_path / "exams" / "small").mkdir(parents=True)
    (tmp_path / "exams" / "small" / "blueprint.yaml").write_text(BLUEPRINT)
    (tmp_path / "exams" / "tracks.yaml").write_text(TRACKS)
    return Settings(
        home=tmp_path / "home",
        labs=tmp_path / "labs",
        datasets=tmp_path,
        containers=tmp_path,
        learner="ada",
    )


def test_tracks_stand_in_their_order_and_those_without_a_title_last(settings: Settings) -> None:
    assert [group.track.title for group in by_track(settings)] == [
        "Late things",
        "Early things",
        "own",
    ]
    assert [row.slug for row in catalogue(settings)] == ["a02", "a01-x", "b"]


def test_a_lab_of_a_blueprint_that_does_not_exist_is_said_to_be_missing(settings: Settings) -> None:
    (exam,) = exams(settings)
    assert [(row.slug, row.problem) for row in exam.rows] == [
        ("a01-x", None),
        ("a3", "there is no such lab here"),
    ]
    assert exam.slugs == {"a1": "a01-x", "a3": "a3"}


def test_the_labs_of_an_exam_can_be_asked_for_like_those_of_a_track(settings: Settings) -> None:
    assert [row.slug for row in catalogue(settings, track="small")] == ["a01-x", "a3"]
    assert [row.slug for row in catalogue(settings, track="late")] == ["a02"]
    with pytest.raises(UserError) as caught:
        catalogue(settings, track="none")
    assert caught.value.help == "tracks: early, late, own; exams: small"


def test_what_comes_first_is_named_even_where_it_does_not_exist(settings: Settings) -> None:
    assert [row.slug for row in to_do_before("a01-x", settings)] == ["b"]
    assert to_do_before("b", settings) == []
    shutil.rmtree(settings.labs / "b")
    (row,) = to_do_before("a01-x", settings)
    assert (row.slug, row.problem) == ("b", "there is no such lab here")


def test_a_lab_that_cannot_be_read_stands_apart(settings: Settings) -> None:
    (settings.labs / "b" / "lab.yaml").write_text("schema: labrun/v1\n")
    (row,) = by_track(settings)[-1].rows
    assert (row.slug, row.track) == ("b", "other")


def test_a_blueprint_in_a_folder_of_another_name_is_refused(settings: Settings) -> None:
    (settings.exams / "small").rename(settings.exams / "large")
    with pytest.raises(LabError, match="its folder is 'large'"):
        exams(settings)


def test_without_the_folder_of_exams_there_are_labs_all_the_same(settings: Settings) -> None:
    shutil.rmtree(settings.exams)
    assert exams(settings) == []
    assert len(catalogue(settings)) == 3
