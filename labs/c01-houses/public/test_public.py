"""Checks you can read and run with `labrun check`; the hidden ones are of the same kind."""

import numpy as np
import pytest


@pytest.mark.points(2, hint="rmsle of a perfect prediction is 0")
def test_a_perfect_prediction_has_no_error(solution):
    assert solution.rmsle([100_000, 250_000], [100_000, 250_000]) == pytest.approx(0)


@pytest.mark.points(3, hint="rmsle is the root of the mean squared difference of log(1 + price)")
def test_rmsle_counts_ratios(solution):
    # one prediction twice too high, one right: sqrt((log(2)**2 + 0) / 2)
    assert solution.rmsle([100_000, 250_000], [200_000, 250_000]) == pytest.approx(
        0.49012, abs=1e-4
    )


@pytest.mark.points(5, hint="predict must return one price above 0 for each row")
@pytest.mark.limits(timeout=30)
def test_every_house_gets_a_price(solution, table):
    train, houses = table("train").head(600), table("features").head(100)
    prices = np.asarray(solution.predict(solution.fit(train), houses))
    assert prices.shape == (100,)
    assert np.isfinite(prices).all()
    assert (prices > 0).all()
