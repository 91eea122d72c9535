"""What the files in exams/ promise, held against the labs there are; docs/tracks.md shows it."""

from collections import Counter
from pathlib import Path

import pytest

from labrun.app.catalogue import by_track, exams
from labrun.app.settings import Settings
from labrun.domain.blueprint import code_of, meant
from labrun.domain.order import in_a_circle
from labrun.report.tracks_page import tracks_page
from labrun.store.blueprints import read_blueprints, read_tracks
from labrun.store.labs import find_labs, read_lab

ROOT = Path(__file__).parents[2]
LABS = {slug: read_lab(folder) for slug, folder in find_labs(ROOT / "labs").items()}
BLUEPRINTS = {each.slug: each for each in read_blueprints(ROOT / "exams")}
# The exams of the design, with the labs that may come up in each.
DESIGNED = {
    "associate": 7,
    "practitioner": 11,
    "ml-engineer": 7,
    "specialist-nlp": 4,
    "specialist-recsys": 4,
    "specialist-embedded": 4,
    "specialist-vision": 4,
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        labs=ROOT / "labs",
        datasets=ROOT / "datasets",
        containers=ROOT / "containers",
        learner="nobody",
    )


def test_the_page_of_tracks_is_what_the_command_prints(settings: Settings) -> None:
    page = tracks_page(by_track(settings), exams(settings))
    shipped = (ROOT / "docs" / "tracks.md").read_text(encoding="utf-8")
    assert shipped == page, "run: labrun list --markdown > docs/tracks.md"


def test_every_exam_of_the_design_has_a_blueprint_with_its_labs() -> None:
    assert {slug: len(each.labs) for slug, each in BLUEPRINTS.items()} == DESIGNED


def test_every_lab_of_ours_is_in_a_track_with_a_title() -> None:
    titled = {track.slug for track in read_tracks(ROOT / "exams")}
    assert {lab.track for lab in LABS.values()} <= titled


def test_a_code_means_one_lab() -> None:
    codes = Counter(code_of(slug) for slug in LABS)
    assert [code for code, count in codes.items() if count > 1] == []


def test_every_lab_that_a_blueprint_names_by_code_can_be_found_once_it_is_there() -> None:
    codes = {name for each in BLUEPRINTS.values() for name in each.labs}
    here = {name for name in codes if meant(name, LABS)}
    assert {"f1", "f2", "c1", "c2", "c4", "d3", "p1"} <= here
    assert {code_of(f"{name}-x") for name in codes} == codes


def test_prerequisites_are_labs_that_exist_and_no_lab_waits_for_itself() -> None:
    before = {slug: lab.prerequisites for slug, lab in LABS.items()}
    assert [name for names in before.values() for name in names if name not in LABS] == []
    assert in_a_circle(before) == []
