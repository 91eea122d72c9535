import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrun.domain.grade import Estimate
from labrun.grading.ladder import climbs, coarse, needed_errors, step_of
from labrun.grading.uncertainty import Z


def estimate(value: float, error: float = 0.0112, **fields: Any) -> Estimate:
    plain = {
        "metric": "accuracy",
        "value": value,
        "low": value - Z * error,
        "high": value + Z * error,
        "level": 0.95,
        "method": "wilson",
        "n": 1000,
        "direction": "higher",
    }
    return Estimate.model_validate(plain | fields)


def test_a_value_is_told_in_whole_standard_errors() -> None:
    told = coarse(estimate(0.8567, seeds=(0.85, 0.86)))
    assert (told.value, told.seeds) == (0.86, ())
    assert (told.low, told.high) == pytest.approx((0.86 - Z * 0.01, 0.86 + Z * 0.01))


def test_towards_the_worse_a_value_is_never_told_better_than_it_is() -> None:
    assert coarse(estimate(0.8599), "worse").value == 0.85
    cost = estimate(0.8501, metric="expected_cost", direction="lower")
    assert coarse(cost, "worse").value == 0.86
    assert coarse(estimate(0.85), "worse").value == 0.85  # a whole step stays


def test_a_rounded_value_stays_one_that_the_metric_can_take() -> None:
    told = coarse(estimate(0.998, error=0.004))
    assert (told.value, told.high) == (1.0, 1.0)
    error = coarse(estimate(0.001, error=0.01, metric="rmse", direction="lower"), "worse")
    assert (error.value, error.low) == (0.01, 0.0)


@given(st.floats(0.05, 0.95), st.integers(50, 100_000))
def test_what_is_told_tells_no_more_than_which_step(value: float, n: int) -> None:
    """Values that lie on one step, with errors that round alike, are told alike to the digit."""
    error = math.sqrt(value * (1 - value) / n)
    step = step_of(error)
    told = coarse(estimate(value, error))
    again = coarse(estimate(round(value / step) * step, step))
    assert (told.value, told.low, told.high) == (again.value, again.low, again.high)


def test_a_value_without_an_error_is_told_as_it_is() -> None:
    assert coarse(estimate(0.75, error=0)).value == 0.75


@pytest.mark.parametrize(
    ("value", "error", "tries", "is_clear"),
    [
        (0.8199, 0.001, 2, False),  # not a whole step
        (0.8210, 0.010, 2, False),  # a step, yet less than 1.18 standard errors
        (0.8210, 0.008, 2, True),
        (0.8210, 0.008, 300, False),  # by now luck alone can reach 3.4
        (0.8400, 0.008, 300, True),
        (0.7000, 0.001, 2, False),
    ],
)
def test_what_is_shown_moves_by_clear_improvements_only(
    value: float, error: float, tries: int, is_clear: bool
) -> None:
    shown = estimate(0.81)
    assert climbs(estimate(value), shown, error=error, tries=tries) is is_clear


def test_less_is_an_improvement_where_less_is_better() -> None:
    shown = estimate(0.50, metric="rmse", direction="lower")
    better = estimate(0.45, metric="rmse", direction="lower")
    assert climbs(better, shown, error=0.01, tries=2)
    assert not climbs(estimate(0.55, metric="rmse", direction="lower"), shown, error=0.01, tries=2)


def test_one_standard_error_is_asked_at_least_and_more_with_the_tries() -> None:
    asked = [needed_errors(tries) for tries in (1, 2, 5, 20, 300)]
    assert [round(each, 2) for each in asked] == [1.0, 1.18, 1.79, 2.45, 3.38]
