"""Does best_split find what a search of everything finds? Tables differ from run to run."""

import numpy as np
import pytest


def impurity(y):
    shares = np.unique(y, return_counts=True)[1] / max(len(y), 1)
    return 1 - np.sum(shares**2)


def gain_of(x, y, feature, threshold):
    left = x[:, feature] <= threshold
    rows = (left.sum(), (~left).sum())
    parts = rows[0] * impurity(y[left]) + rows[1] * impurity(y[~left])
    return impurity(y) - parts / len(y), min(rows)


def best_gain(x, y, min_leaf=1):
    found = [
        gain_of(x, y, feature, value)
        for feature in range(x.shape[1])
        for value in np.unique(x[:, feature][~np.isnan(x[:, feature])])
    ]
    return max((gain for gain, least in found if least >= min_leaf), default=0)


@pytest.mark.points(2, hint="gini must work for any number of classes, whatever they are called")
def test_gini_of_many_classes(solution, rng):
    y = rng.choice([3, 7, 8, 40], size=int(rng.integers(20, 90)))
    assert solution.gini(y) == pytest.approx(impurity(y))
    assert solution.gini(y[:1]) == pytest.approx(0)


@pytest.mark.points(4, hint="look at every feature and every gap between neighbouring values")
def test_the_best_split_is_the_best(solution, rng):
    for _ in range(6):
        x, y = rng.normal(size=(40, 4)), rng.integers(0, 3, 40)
        feature, threshold, gain = solution.best_split(x, y)
        assert gain == pytest.approx(best_gain(x, y), abs=1e-9)
        assert gain_of(x, y, feature, threshold)[0] == pytest.approx(gain, abs=1e-9)


@pytest.mark.points(3, hint="equal values must stay on one side: no threshold lies between them")
def test_equal_values_are_not_torn_apart(solution, rng):
    for _ in range(6):
        x, y = rng.integers(0, 4, size=(50, 3)).astype(float), rng.integers(0, 2, 50)
        feature, threshold, gain = solution.best_split(x, y)
        assert gain == pytest.approx(best_gain(x, y), abs=1e-9)
        assert gain_of(x, y, feature, threshold)[0] == pytest.approx(gain, abs=1e-9)
        assert (threshold * 2) % 1 == pytest.approx(0)
        values = np.unique(x[:, feature])
        below = values[values <= threshold].max()
        above = values[values > threshold].min()
        assert threshold == pytest.approx((below + above) / 2)


@pytest.mark.points(2, hint="with nothing to gain (one class, constant columns) return None")
def test_nothing_to_gain_is_none(solution, rng):
    x = rng.normal(size=(20, 3))
    assert solution.best_split(x, np.ones(20, dtype=int)) is None
    assert solution.best_split(np.full((20, 2), x[0, 0]), rng.permutation(20) % 2) is None
    assert solution.best_split(x[:1], np.array([1])) is None


@pytest.mark.points(2, hint="of equal gains the lowest feature counts, then the lowest threshold")
def test_the_first_of_equals_counts(solution, rng):
    column = rng.permutation(12).astype(float)
    y = (column >= 6).astype(int)
    x = np.column_stack([rng.normal(size=12) * 0, column, column, -column])
    assert solution.best_split(x, y)[:2] == (1, 5.5)
    line = np.arange(9.0)[:, None]  # class 1 in the middle: both ends are equally good
    assert solution.best_split(line, np.array([0, 0, 0, 1, 1, 1, 0, 0, 0]))[1] == 2.5


@pytest.mark.points(3, hint="no side of a split may have fewer than min_leaf rows")
def test_both_sides_keep_min_leaf_rows(solution, rng):
    for least in (3, 8, 15):
        x, y = rng.normal(size=(40, 3)), (rng.random(40) < 0.3).astype(int)
        feature, threshold, gain = solution.best_split(x, y, min_leaf=least)
        assert gain == pytest.approx(best_gain(x, y, least), abs=1e-9)
        assert gain_of(x, y, feature, threshold)[1] >= least
    assert solution.best_split(x, y, min_leaf=21) is None


@pytest.mark.points(4, hint="missing values are not <= anything: they go right, and must be counted")
def test_missing_values_go_right(solution, rng):
    for _ in range(4):
        x, y = rng.normal(size=(40, 3)), rng.integers(0, 2, 40)
        x[rng.random(x.shape) < 0.3] = np.nan
        feature, threshold, gain = solution.best_split(x, y)
        assert np.isfinite(threshold)
        assert gain == pytest.approx(best_gain(x, y), abs=1e-9)
        assert gain_of(x, y, feature, threshold)[0] == pytest.approx(gain, abs=1e-9)


@pytest.mark.points(2, hint="being missing can be the best split of all: known left, missing right")
def test_missing_alone_can_be_the_split(solution, rng):
    x = rng.integers(0, 50, size=(30, 1)).astype(float)
    y = rng.permutation(30) % 2
    x[y == 1] = np.nan
    _, threshold, gain = solution.best_split(x, y)
    assert gain == pytest.approx(0.5)
    assert threshold >= np.nanmax(x)


@pytest.mark.points(2, hint="the middle of two neighbouring floats can round up: what goes left then?")
def test_neighbouring_floats_are_separated(solution, rng):
    for low in rng.uniform(1, 2, 12):
        high = np.nextafter(low, 2)
        x = np.array([low, high, low, high])[:, None]
        _, threshold, gain = solution.best_split(x, np.array([0, 1, 0, 1]))
        assert gain == pytest.approx(0.5)
        assert low <= threshold < high
