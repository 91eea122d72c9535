"""Do perm_test and posterior keep what the README promises? Inputs differ from run to run."""

import itertools

import numpy as np
import pytest
from scipy import stats

pytestmark = pytest.mark.limits(timeout=20)


def exact(first, second):
    """Return the p-value over every way to choose who is in the first group."""
    pooled = np.concatenate([first, second])
    total, n, m = pooled.sum(), len(first), len(second)
    sums = np.array([sum(chosen) for chosen in itertools.combinations(pooled, n)])
    differences = np.abs(sums / n - (total - sums) / m)
    return np.mean(differences >= abs(first.mean() - second.mean()) - 1e-9)


@pytest.mark.points(6, hint="perm_test must agree with counting every possible grouping")
def test_perm_test_agrees_with_all_groupings(solution, rng):
    for shift in (0.0, 0.8, 1.5):
        first, second = rng.normal(0, 1, 6), rng.normal(shift, 1, 6)
        wanted = exact(first, second)
        found = solution.perm_test(first, second, draws=5000, seed=int(rng.integers(1 << 31)))
        assert found == pytest.approx(wanted, abs=0.001 + 5 * np.sqrt(wanted / 5000))


@pytest.mark.points(3, hint="perm_test must take groups of different size")
def test_perm_test_takes_groups_of_different_size(solution, rng):
    first, second = rng.exponential(1, 4), rng.exponential(2, 9)
    wanted = exact(first, second)
    found = solution.perm_test(first, second, draws=5000, seed=3)
    assert found == pytest.approx(wanted, abs=0.001 + 5 * np.sqrt(wanted / 5000))


@pytest.mark.points(3, hint="perm_test is two-sided: exchanging the groups must not change p much")
def test_perm_test_has_two_sides(solution, rng):
    first, second = rng.normal(0, 1, 30), rng.normal(0.7, 1, 30)
    one = solution.perm_test(first, second, draws=4000, seed=1)
    other = solution.perm_test(second, first, draws=4000, seed=2)
    assert one == pytest.approx(other, abs=0.002 + 7 * np.sqrt(one / 4000))


@pytest.mark.points(4, hint="p is never 0: the real grouping is one of the possible ones")
def test_perm_test_is_never_zero(solution, rng):
    first = rng.normal(0, 1, 25)
    p = solution.perm_test(first, first + 50, draws=199, seed=int(rng.integers(1 << 31)))
    assert p == pytest.approx(1 / 200)
    assert solution.perm_test(first, first, draws=99, seed=0) == pytest.approx(1)


@pytest.mark.points(4, hint="with no difference, p <= 0.1 must come up in a tenth of cases")
def test_perm_test_keeps_its_level(solution, rng):
    small = 0
    for seed in range(400):
        values = rng.exponential(1, 24)
        small += solution.perm_test(values[:10], values[10:], draws=199, seed=seed) <= 0.1
    assert 16 <= small <= 70  # 40 expected, 4 standard deviations and a little below, 5 above


@pytest.mark.points(5, hint="posterior must give the quantiles of Beta(a + successes, b + failures)")
def test_posterior_follows_its_definition(solution, rng):
    for _ in range(5):
        trials = int(rng.integers(5, 200))
        successes = int(rng.integers(0, trials + 1))
        prior, level = tuple(rng.uniform(0.5, 10, 2).tolist()), float(rng.uniform(0.6, 0.97))
        wanted = stats.beta(prior[0] + successes, prior[1] + trials - successes)
        mean, low, high = solution.posterior(successes, trials, prior=prior, level=level, seed=1)
        assert mean == pytest.approx(wanted.mean(), abs=0.003)
        assert (low, high) == pytest.approx(wanted.interval(level), abs=0.01)


@pytest.mark.points(3, hint="posterior after no success or nothing but successes stays within 0 to 1")
def test_posterior_stays_within_bounds(solution, rng):
    trials = int(rng.integers(2, 30))
    for successes in (0, trials):
        mean, low, high = solution.posterior(successes, trials, seed=2)
        assert 0 <= low < mean < high <= 1


@pytest.mark.points(1, hint="posterior must raise ValueError for impossible counts")
@pytest.mark.parametrize(("successes", "trials"), [(5, 4), (-1, 3)])
def test_posterior_refuses_impossible_counts(solution, successes, trials):
    with pytest.raises(ValueError):
        solution.posterior(successes, trials)
