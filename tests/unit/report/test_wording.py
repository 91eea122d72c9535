from typing import Any

import pytest

from labrun.domain.grade import Estimate, Outcome
from labrun.domain.result import CheckInfo
from labrun.report import wording


def estimate(value: float, **more: Any) -> Estimate:
    fields: dict[str, Any] = {
        "metric": "m",
        "low": value,
        "high": value,
        "level": 0.95,
        "method": "exact",
        "n": 10,
        "direction": "higher",
    }
    return Estimate(value=value, **{**fields, **more})


def check(found: Estimate | None, outcome: Outcome = Outcome.FAILED) -> CheckInfo:
    return CheckInfo(
        id="c", type="threshold", title="c", outcome=outcome, points=0, of=1, gate=False,
        rationale="", reveal="all", estimate=found,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "outcome", "words"),
    [
        (estimate(0.8, mark=0.9), Outcome.FAILED, "needs at least 0.900"),
        (estimate(0.2, mark=0.1, direction="lower"), Outcome.FAILED, "needs at most 0.100"),
        (estimate(0.92, mark=0.9), Outcome.FAILED, "needs the whole interval at least 0.900"),
        (estimate(0.92, mark=0.9), Outcome.PASSED, "needs at least 0.900"),
        (
            estimate(0.8, mark=0.7, full=0.9),
            Outcome.PASSED,
            "points above 0.700, full marks from 0.900",
        ),
        (estimate(0.9, mark=0.7, full=0.9), Outcome.PASSED, "full marks from 0.900"),
        (
            estimate(5, mark=9, full=4),
            Outcome.PASSED,
            "points below 9.000, full marks at 4.000 or less",
        ),
        (estimate(0.8), Outcome.PASSED, ""),
        (None, Outcome.PASSED, ""),
    ],
)
def test_a_need_says_what_the_decision_asks(
    found: Estimate | None, outcome: Outcome, words: str
) -> None:
    assert wording.need(check(found, outcome)) == words


def test_a_value_just_short_of_its_mark_is_not_rounded_onto_it() -> None:
    short = estimate(0.84996, mark=0.85)
    assert wording.value(short) == "0.84996"
    assert wording.need(check(short)) == "needs at least 0.85000"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.8613, "0.861"),
        (-12.345, "-12.35"),
        (123.456, "123.5"),
        (26204.3, "26,204"),
        (0.00001234, "1.2e-05"),
        (0.0, "0.000"),
        (float("nan"), "not a number"),
        (float("inf"), "inf"),
    ],
)
def test_a_value_has_as_many_digits_as_it_can_carry(value: float, shown: str) -> None:
    assert wording.value(estimate(value)) == shown


@pytest.mark.parametrize(
    ("duration", "shown"),
    [(0.0123, "12 ms"), (0.34, "0.3 s"), (59.94, "59.9 s"), (75, "1 min 15 s")],
)
def test_a_duration_is_short(duration: float, shown: str) -> None:
    assert wording.seconds(duration) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [(1, "1 byte"), (999, "999 bytes"), (18_200, "18 kB"), (2_500_000, "2.5 MB")],
)
def test_a_size_is_short(count: int, shown: str) -> None:
    assert wording.size(count) == shown
