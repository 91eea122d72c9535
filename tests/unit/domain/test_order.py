"""What a lab builds on comes before it."""

from labrun.domain.order import comes_first, in_a_circle, in_order, not_yet

BEFORE = {"a": ("c",), "b": (), "c": ("d", "elsewhere"), "d": ()}


def test_a_lab_comes_after_those_it_builds_on_else_by_name() -> None:
    assert in_order(BEFORE) == ["b", "d", "c", "a"]


def test_everything_a_lab_builds_on_is_named_nearest_the_ground_first() -> None:
    assert comes_first("a", BEFORE) == ["d", "elsewhere", "c"]
    assert comes_first("b", BEFORE) == []
    assert comes_first("unknown", BEFORE) == []


def test_labs_in_a_circle_are_found_and_still_listed() -> None:
    circle = {"a": ("b",), "b": ("a",), "c": (), "d": ("d",)}
    assert in_a_circle(circle) == ["a", "b", "d"]
    assert in_order(circle) == ["c", "d", "a", "b"]


def test_what_was_passed_is_left_out() -> None:
    assert not_yet(["a", "b", "c"], ["b"]) == ["a", "c"]
