"""Do the functions keep what the README promises? Inputs differ from run to run."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

pytestmark = pytest.mark.limits(timeout=30)


def named(x):
    return pd.DataFrame(x, columns=[f"c{i}" for i in range(x.shape[1])])


@pytest.mark.points(4, hint="standardise: mean 0, variance 1 (dividing by n), column by column")
def test_standardise_follows_its_definition(solution, rng):
    x = rng.normal(rng.uniform(-50, 50, 4), rng.uniform(0.1, 90, 4), (70, 4))
    wanted = (x - x.mean(axis=0)) / x.std(axis=0)
    np.testing.assert_allclose(solution.standardise(named(x)), wanted, atol=1e-8)


@pytest.mark.points(4, hint="a constant column must become zeros, not NaN")
def test_standardise_takes_a_constant_column(solution, rng):
    x = rng.normal(size=(20, 3))
    x[:, 1] = rng.uniform(1, 9)
    scaled = solution.standardise(named(x))
    np.testing.assert_allclose(scaled[:, 1], 0)
    np.testing.assert_allclose(scaled[:, [0, 2]].std(axis=0), 1)


@pytest.mark.points(6, hint="agreement must be the adjusted Rand index, corrected for chance")
def test_agreement_follows_its_definition(solution, rng):
    for groups in (2, 3, 6):
        first = rng.integers(0, groups, 80)
        second = np.where(rng.random(80) < 0.3, rng.integers(0, 5, 80), first)
        assert solution.agreement(first, second) == pytest.approx(adjusted_rand_score(first, second))


@pytest.mark.points(2, hint="agreement must take text, and 1 is right where all are in one group")
def test_agreement_takes_text_and_one_group(solution, rng):
    numbers = rng.integers(0, 3, 50)
    words = np.array(["oak", "ash", "elm"])[numbers].tolist()
    assert solution.agreement(numbers, words) == pytest.approx(1)
    assert solution.agreement([0] * 7, ["x"] * 7) == pytest.approx(1)


@pytest.mark.points(2, hint="cluster must work for other k than 3")
@pytest.mark.parametrize("k", [2, 5])
def test_cluster_takes_any_k(solution, rng, k):
    centres = 12 * np.eye(k, 5)
    group = rng.integers(0, k, 60 * k)
    x = centres[group] + rng.normal(size=(len(group), 5))
    found = np.asarray(solution.cluster(named(x), k))
    assert set(found.tolist()) <= set(range(k))
    assert adjusted_rand_score(group, found) > 0.95


@pytest.mark.points(5, hint="a long and a tall cloud that touch: must all groups be of one shape?")
def test_a_long_and_a_tall_cloud_are_told_apart(solution, rng):
    group = rng.permutation(np.repeat([0, 1], 150))
    long, thin = rng.normal(1, 2, 300), rng.normal(0, 0.1, 300)
    x = np.where(group[:, None], np.column_stack([long, thin]), np.column_stack([thin, long]))
    found = solution.cluster(named(x * rng.uniform(0.5, 5, 2)), 2)
    assert adjusted_rand_score(group, found) > 0.65  # the clouds cross: 1 is out of reach


@pytest.mark.points(5, hint="a small dense cloud within a wide one: must all groups be of one size?")
def test_a_dense_cloud_in_a_wide_one_is_found(solution, rng):
    group = rng.permutation(np.repeat([0, 1], 200))
    x = rng.normal(size=(400, 3)) * np.where(group, 0.15, 3.0)[:, None]
    x[group == 1] += 2
    assert adjusted_rand_score(group, solution.cluster(named(x), 2)) > 0.85
