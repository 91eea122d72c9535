"""Checks you can read and run with `labrun check`; the hidden ones are of the same kind."""

import numpy as np
import pytest


@pytest.mark.points(2, hint="gini is 1 minus the sum of the squared shares of the classes")
def test_gini_of_small_arrays(solution):
    assert solution.gini(np.array([0, 0, 1, 1])) == pytest.approx(0.5)
    assert solution.gini(np.array([1, 1, 1])) == pytest.approx(0)
    assert solution.gini(np.array([0, 1, 1, 1])) == pytest.approx(0.375)


@pytest.mark.points(3, hint="x[:, 1] <= 3.5 separates the classes: return (1, 3.5, 0.5)")
def test_a_clean_split_is_found(solution):
    x = np.array([[1.0, 2.0], [2.0, 5.0], [1.0, 3.0], [2.0, 4.0]])
    feature, threshold, gain = solution.best_split(x, np.array([0, 1, 0, 1]))
    # Both columns separate the classes equally well: the first one counts.
    assert (feature, threshold) == (0, 1.5)
    assert gain == pytest.approx(0.5)
    assert solution.best_split(x[:, [1]], np.array([0, 1, 0, 1]))[:2] == (0, 3.5)


@pytest.mark.points(2, hint="a tree without limits must tell apart the rows it was grown on")
def test_a_tree_without_limits_learns_by_heart(solution, rng):
    x, y = rng.normal(size=(60, 3)), rng.integers(0, 2, 60)
    tree = solution.Tree()
    tree.fit(x, y)
    np.testing.assert_allclose(tree.predict_proba(x), y)


@pytest.mark.points(3, hint="fitted on most of train, the model must sort the other cells")
@pytest.mark.limits(timeout=60)
def test_the_model_sorts_cells_it_has_not_seen(solution, table):
    train = table("train")
    model = solution.fit(train.iloc[200:].reset_index(drop=True), seed=1)
    rest = train.iloc[:200]
    p = np.asarray(solution.predict_proba(model, rest.drop(columns="poor").reset_index(drop=True)))
    poor = rest["poor"].to_numpy() == 1
    assert np.mean(p[poor][:, None] > p[~poor][None, :]) > 0.8
