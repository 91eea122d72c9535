"""Where marks may stand: two standard errors from each control, a ramp four wide."""

from collections.abc import Callable
from typing import Any

import pytest

from labrun.domain.calibration import Marks, Spread
from labrun.domain.lab import Lab
from labrun.grading.marks import (
    Measured,
    against,
    at_stake,
    deciding_value,
    final,
    judged,
    marks_of,
    problems,
    proposed,
    threshold_checks,
)

MakeLab = Callable[..., Lab]
GOOD, POOR = Spread(mean=0.9, sd=0, se=0.01, n=900), Spread(mean=0.7, sd=0, se=0.02, n=900)
UP = Measured(reference=GOOD, low=POOR, up=True)
DOWN = Measured(
    reference=Spread(mean=0.1, sd=0, se=0.01, n=900),
    low=Spread(mean=0.3, sd=0, se=0.02, n=900),
    up=False,
)
CLOSE = Measured(reference=GOOD, low=Spread(mean=0.88, sd=0, se=0.01, n=900), up=True)


def point(at: float) -> Marks:
    return Marks(rule="point", at=at)


def ramp(floor: float, full: float) -> Marks:
    return Marks(rule="ramp", floor=floor, full=full)


def check(**fields: Any) -> dict[str, Any]:
    decision = {"rule": "point", "at": 0.8}
    return (
        {"id": "acc", "type": "threshold", "metric": "accuracy", "points": 60}
        | {"decision": decision}
        | fields
    )


def test_both_kinds_of_luck_make_the_standard_error() -> None:
    assert Spread(mean=1, sd=3, se=4, n=9).total == 5


@pytest.mark.parametrize("marks", [point(0.8), point(0.74), point(0.88), ramp(0.74, 0.88)])
def test_marks_two_errors_from_both_are_clear(marks: Marks) -> None:
    assert problems(UP, marks) == []


@pytest.mark.parametrize(
    ("marks", "word"),
    [
        (point(0.881), "short of the mark 0.881"),
        (point(0.739), "beyond the mark 0.739"),
        (ramp(0.74, 0.89), "short of the full mark 0.89"),
        (ramp(0.73, 0.88), "beyond the floor 0.73"),
        (ramp(0.80, 0.83), "3.0 standard errors wide"),
    ],
)
def test_a_mark_too_near_to_a_control_is_said_with_its_number(marks: Marks, word: str) -> None:
    (said,) = problems(UP, marks)
    assert word in said


def test_where_less_is_better_the_marks_turn_round() -> None:
    assert problems(DOWN, ramp(0.259, 0.121)) == []
    assert len(problems(DOWN, ramp(0.27, 0.11))) == 2


def test_a_lower_bound_asks_the_reference_for_its_whole_interval() -> None:
    assert problems(UP, Marks(rule="lower-bound", at=0.85)) == []
    (said,) = problems(UP, Marks(rule="lower-bound", at=0.87))
    assert "0.8896" in said


@pytest.mark.parametrize("seen", [UP, DOWN], ids=["up", "down"])
@pytest.mark.parametrize("rule", ["point", "ramp", "lower-bound"])
def test_what_is_proposed_keeps_every_rule_and_is_never_the_reference(
    seen: Measured, rule: str
) -> None:
    today = {"point": point(0.5), "ramp": ramp(0.5, 0.6)}.get(
        rule, Marks(rule="lower-bound", at=0.5)
    )
    made = proposed(seen, today)
    assert made is not None
    assert made.rule == rule
    assert problems(seen, made) == []
    assert seen.ahead(made.first, seen.low.mean) > 0
    assert seen.ahead(seen.reference.mean, made.last) > 0


def test_two_controls_too_close_get_no_mark() -> None:
    assert proposed(CLOSE, point(0.89)) is None
    near = Measured(reference=GOOD, low=Spread(mean=0.84, sd=0, se=0.01, n=900), up=True)
    assert proposed(near, point(0.87)) is not None
    assert proposed(near, ramp(0.86, 0.88)) is None  # no room for four errors


def test_the_deciding_value_is_what_somebody_needs_who_has_all_else(lab: MakeLab) -> None:
    rest = {"id": "b", "type": "phase", "phase": "fit", "points": 40}
    sloped = check(decision={"rule": "ramp", "floor": 0.6, "full": 0.9})
    for spec, wanted in [
        (check(), 0.8),
        (sloped, 0.75),  # 30 of its 60 points
        (sloped | {"points": 10}, None),
        (sloped | {"points": 10, "gate": True}, 0.6),
        (check(points=10), None),
        (check(points=10, gate=True), 0.8),
    ]:
        made = lab(spec, rest)
        ((found, options),) = threshold_checks(made)
        value = deciding_value(made, found, marks_of(options))
        assert value is None if wanted is None else value == pytest.approx(wanted)


def test_a_check_without_points_or_gate_is_not_at_stake(lab: MakeLab) -> None:
    made = lab(check(points=0), check(id="two"), check(id="three", points=0, gate=True))
    assert [at_stake(spec) for spec in made.checks] == [False, True, True]


def test_a_report_has_distances_and_a_curve_that_falls_to_half_at_the_mark(lab: MakeLab) -> None:
    made = lab(check())
    found = judged(made, made.checks[0], GOOD, POOR)
    assert (found.above, found.below) == pytest.approx((5, 10))
    assert found.agrees
    assert found.needed == 0.8
    chances = [at.p for at in found.curve]
    assert chances == sorted(chances)
    assert chances[2] == pytest.approx(0.5, abs=0.05)
    assert chances[0] < 0.05
    assert chances[4] > 0.95


def test_a_mark_is_held_against_the_cheat_that_the_lab_names(lab: MakeLab) -> None:
    named = lab(
        check(),
        controls={"cheats": {"sure": "acc"}},
        use={"against": {"acc": "sure"}},
    )
    assert against(named, "acc") == "cheats/sure"
    assert against(lab(check()), "acc") == "baseline"


def test_rows_that_are_shown_as_feedback_do_not_count(lab: MakeLab) -> None:
    made = lab(check(), grading={"feedback": 0.75})
    found = final(made, GOOD)
    assert found.n == 225
    assert found.se == pytest.approx(0.02)
    assert final(lab(check()), GOOD) is GOOD
