"""Blueprints refuse what no exam could be drawn from."""

from typing import Any

import pytest
from pydantic import ValidationError

from labrun.domain.blueprint import Blueprint, Tracks, code_of, meant

WHOLE: dict[str, Any] = {
    "schema": "labrun/blueprint/v1",
    "slug": "first",
    "title": "A first exam",
    "level": 1,
    "minutes": 60,
    "pass_score": 70,
    "domains": [
        {"slug": "a", "title": "Part a", "weight": 60, "labs": ["c1"]},
        {"slug": "b", "title": "Part b", "weight": 40, "labs": ["c2", "c3"]},
    ],
    "compulsory": ["c1"],
    "draws": [{"count": 1, "labs": ["c2", "c3"]}],
}


def test_a_blueprint_names_its_labs_the_compulsory_ones_first() -> None:
    assert Blueprint.model_validate(WHOLE).labs == ("c1", "c2", "c3")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"domains": WHOLE["domains"][:1]}, "add up to 60, expected 100"),
        ({"domains": [{**WHOLE["domains"][0], "slug": "b"}, WHOLE["domains"][1]]}, "named twice"),
        ({"draws": [{"count": 3, "labs": ["c2", "c3"]}]}, "cannot draw 3 of 2"),
        ({"draws": [{"count": 1, "labs": ["c2", "c3", "c1"]}]}, "a lab is named twice"),
        ({"draws": [{"count": 1, "labs": ["c2"]}]}, "'c3' is neither compulsory nor drawn"),
        ({"compulsory": ["c1", "c9"]}, "'c9' is in no domain"),
        ({"must_pass": ["c2"]}, "so it must be compulsory"),
        ({"draws": [{"count": 1, "labs": ["c2", "c3"], "one_of": ["c1"]}]}, "not among the labs"),
        ({"pass_mark": 3}, "Extra inputs"),
    ],
)
def test_a_blueprint_that_cannot_be_drawn_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Blueprint.model_validate(WHOLE | change)


def test_tracks_are_told_apart() -> None:
    track = {"slug": "a", "title": "A", "about": "about a thing"}
    with pytest.raises(ValidationError, match="a track is named twice"):
        Tracks.model_validate({"schema": "labrun/tracks/v1", "tracks": [track, track]})


@pytest.mark.parametrize(
    ("slug", "code"),
    [("c02-credit-cost", "c2"), ("fm1-retrieval", "fm1"), ("d10", "d10"), ("iris", None)],
)
def test_a_code_has_no_zeros_in_front(slug: str, code: str | None) -> None:
    assert code_of(slug) == code


def test_a_name_means_a_slug_or_else_a_code() -> None:
    labs = ["c02-credit-cost", "c20-more", "c2"]
    assert meant("c2", labs) == "c2"
    assert meant("c2", labs[:2]) == "c02-credit-cost"
    assert meant("c3", labs) is None
