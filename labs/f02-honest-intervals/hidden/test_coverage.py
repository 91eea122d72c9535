"""Do the intervals keep their promise on skewed prices nobody has seen? Draws differ by run."""

import numpy as np
import pytest

SIZE = 40
DRAWS = 2000
RESAMPLES = 1000

pytestmark = pytest.mark.limits(timeout=10)


@pytest.fixture
def prices(table, rng):
    """Return the hidden prices in a currency of this test's own: no mean is known beforehand."""
    return table("population")["price"].to_numpy() * rng.uniform(10, 10_000)


def intervals(solution, prices, rng, *, draws, level):
    """Return the samples, and for each the interval the learner's code gives."""
    samples = rng.choice(prices, (draws, SIZE))
    found = [
        solution.mean_ci(sample, level=level, seed=seed) for seed, sample in enumerate(samples)
    ]
    ends = np.array(found, dtype=float)
    assert ends.shape == (draws, 2)
    assert np.isfinite(ends).all()
    return samples, ends


def bootstrap_t(sample, rng):
    """Return the 95 % bootstrap-t interval (Efron 1982), the yardstick of width."""
    again = sample[rng.integers(0, len(sample), (RESAMPLES, len(sample)))]
    t = (again.mean(axis=1) - sample.mean()) / again.std(axis=1, ddof=1)
    below, above = np.quantile(t, [0.025, 0.975])
    spread = sample.std(ddof=1)
    return sample.mean() - above * spread, sample.mean() - below * spread


@pytest.mark.points(
    20, hint="of 2,000 intervals at 95 %, 94 % must hold the mean: what does skew do to t?"
)
def test_intervals_hold_the_mean_as_often_as_they_say(solution, prices, rng):
    _, ends = intervals(solution, prices, rng, draws=DRAWS, level=0.95)
    held = (ends[:, 0] <= prices.mean()) & (prices.mean() <= ends[:, 1])
    assert held.mean() >= 0.94


@pytest.mark.points(
    8, hint="the mean must not lie beyond one end far more often than beyond the other"
)
def test_both_ends_are_missed_alike(solution, prices, rng):
    _, ends = intervals(solution, prices, rng, draws=DRAWS, level=0.95)
    assert np.mean(prices.mean() > ends[:, 1]) <= 0.045
    assert np.mean(prices.mean() < ends[:, 0]) <= 0.045


@pytest.mark.points(7, hint="the intervals are wider than they need be, by a quarter or more")
def test_intervals_are_no_wider_than_they_must_be(solution, prices, rng):
    samples, ends = intervals(solution, prices, rng, draws=300, level=0.95)
    usual = np.array([bootstrap_t(sample, rng) for sample in samples])
    width = np.mean(ends[:, 1] - ends[:, 0])
    assert width <= 1.25 * np.mean(usual[:, 1] - usual[:, 0])


@pytest.mark.points(5, hint="the level must be heeded: at 80 % about 80 % of intervals hold the mean")
def test_other_levels_are_kept_too(solution, prices, rng):
    _, ends = intervals(solution, prices, rng, draws=600, level=0.8)
    held = (ends[:, 0] <= prices.mean()) & (prices.mean() <= ends[:, 1])
    assert 0.73 <= held.mean() <= 0.87
