"""The probability of reaching a mark, against the table of the design and plain simulation."""

import numpy as np
import pytest

from labrun.grading.power import chance_of_share, chance_to_reach


@pytest.mark.parametrize(
    ("n", "weak", "strong"),
    [(400, 0.123, 0.938), (1000, 0.027, 0.990), (2000, 0.003, 0.999), (5000, 0.0, 1.0)],
)
def test_the_table_of_the_design_comes_out(n: int, weak: float, strong: float) -> None:
    assert chance_of_share(0.88, 0.90, n) == pytest.approx(weak, abs=0.001)
    assert chance_of_share(0.92, 0.90, n) == pytest.approx(strong, abs=0.001)


def test_at_the_mark_itself_it_is_a_coin_at_every_n() -> None:
    for n in (400, 1000, 2000, 5000):
        assert chance_of_share(0.9, 0.9, n) == pytest.approx(0.5, abs=0.05)
    assert chance_to_reach(0.9, 0.9, 0.01, greater_is_better=True) == 0.5


def test_a_share_that_is_never_or_always_right_is_no_matter_of_chance() -> None:
    assert chance_of_share(1.0, 0.9, 10) == 1
    assert chance_of_share(0.0, 0.9, 10) == 0
    assert chance_of_share(0.0, 0.0, 10) == 1


def test_the_normal_approximation_is_what_drawing_gives() -> None:
    drawn = np.random.default_rng(1).normal(0.80, 0.02, 200_000)
    found = chance_to_reach(0.80, 0.83, 0.02, greater_is_better=True)
    assert found == pytest.approx((drawn >= 0.83).mean(), abs=0.003)


def test_where_less_is_better_the_other_side_counts() -> None:
    assert chance_to_reach(0.10, 0.12, 0.01, greater_is_better=False) == pytest.approx(
        0.977, abs=1e-3
    )
    assert chance_to_reach(0.14, 0.12, 0.01, greater_is_better=False) == pytest.approx(
        0.023, abs=1e-3
    )


def test_without_any_error_it_is_certain() -> None:
    assert chance_to_reach(0.1, 0.1, 0, greater_is_better=True) == 1
    assert chance_to_reach(0.1, 0.2, 0, greater_is_better=True) == 0
