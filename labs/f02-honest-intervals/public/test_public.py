"""Checks you can read and run with `labrun check`; the hidden ones are of the same kind."""

import numpy as np
import pytest


@pytest.mark.points(4, hint="of 200 intervals for a level of 95 %, 165 must hold the mean at least")
@pytest.mark.limits(timeout=10)
def test_most_intervals_hold_the_mean(solution, table, rng):
    prices = table("population")["price"].to_numpy()
    mean = prices.mean()
    held = 0
    for seed in range(200):
        low, high = solution.mean_ci(rng.choice(prices, 40), level=0.95, seed=seed)
        held += low <= mean <= high
    assert held >= 165


@pytest.mark.points(3, hint="perm_test: clearly different groups, p near 0; like groups, p above 0.1")
@pytest.mark.limits(timeout=10)
def test_perm_test_tells_groups_apart(solution):
    low, high = np.arange(10.0), np.arange(10.0) + 30
    assert 0 < solution.perm_test(low, high, draws=2000, seed=1) < 0.01
    assert solution.perm_test(low, low + 0.5, draws=2000, seed=1) > 0.1


@pytest.mark.points(3, hint="posterior: 7 of 10 from a flat prior has the mean 8 / 12")
def test_posterior_adds_the_prior(solution):
    mean, low, high = solution.posterior(7, 10, prior=(1, 1), level=0.95, seed=0)
    assert mean == pytest.approx(8 / 12)
    assert (low, high) == pytest.approx((0.390, 0.891), abs=0.01)
