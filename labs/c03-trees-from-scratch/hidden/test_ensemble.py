"""Do trees and forests keep what the README promises? Tables differ from run to run."""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=60)


def ring(rng, rows, noise=0.25):
    """Return points and whether they lie in a ring, a few labels turned round."""
    x = rng.uniform(-1, 1, size=(rows, 3))
    inside = np.abs(np.hypot(x[:, 0], x[:, 1]) - 0.7) < 0.25
    return x, (inside ^ (rng.random(rows) < noise)).astype(int), inside.astype(int)


def auc(y, p):
    p = np.asarray(p)
    pairs = p[y == 1][:, None] - p[y == 0][None, :]
    return np.mean(pairs > 0) + np.mean(pairs == 0) / 2


def grown(solution, x, y, **options):
    tree = solution.Tree(**options)
    tree.fit(x, y)
    return tree


@pytest.mark.points(2, hint="a tree of depth d has at most 2**d leaves; depth 0 is one leaf")
def test_depth_is_limited(solution, rng):
    x, y, _ = ring(rng, 200)
    for depth in (0, 1, 3):
        p = np.asarray(grown(solution, x, y, max_depth=depth).predict_proba(x))
        assert len(np.unique(p)) <= 2**depth
        if depth == 0:
            np.testing.assert_allclose(p, y.mean())


@pytest.mark.points(3, hint="a leaf's probability is the share of class 1 among its training rows")
def test_leaves_tell_the_share_of_class_one(solution, rng):
    x, y, _ = ring(rng, 300)
    p = np.asarray(grown(solution, x, y, max_depth=4, min_leaf=12).predict_proba(x))
    for value in np.unique(p):
        leaf = p == value  # two leaves may share a value: then their union does too
        assert leaf.sum() >= 12
        assert y[leaf].mean() == pytest.approx(value)
    assert len(np.unique(p)) > 3


@pytest.mark.points(2, hint="in prediction a missing value goes right, as in training")
def test_missing_values_go_right_in_prediction(solution, rng):
    x = np.column_stack([rng.normal(size=80), rng.normal(size=80) * 0])
    tree = grown(solution, x, (x[:, 0] > 0.1).astype(int), max_depth=1)
    asked = np.array([[np.nan, 0.0], [-3.0, np.nan], [3.0, 0.0]])
    np.testing.assert_allclose(tree.predict_proba(asked), [1, 0, 1])


@pytest.mark.points(2, hint="Tree(max_features=m) must draw m columns for each node, by its seed")
def test_columns_are_drawn_for_each_node(solution, rng):
    x = rng.normal(size=(300, 8))
    y = (x[:, 0] > 0).astype(int)  # one column tells all: who may always look needs one split
    seeds = [int(seed) for seed in rng.integers(1 << 30, size=12)]
    roots = [
        len(np.unique(grown(solution, x, y, max_depth=1, max_features=2, seed=s).predict_proba(x)))
        for s in seeds
    ]
    shares = [
        np.ptp(np.asarray(grown(solution, x, y, max_depth=1, max_features=2, seed=s).predict_proba(x)))
        for s in seeds
    ]
    assert max(roots) == 2
    assert min(shares) < 0.9  # the root was not shown column 0
    deep = grown(solution, x, y, max_features=2, seed=seeds[0]).predict_proba(x)
    assert auc(y, deep) > 0.9  # but some node below was


@pytest.mark.points(3, hint="the same seed must give the same forest, another seed another")
def test_the_seed_decides(solution, rng):
    x, y, _ = ring(rng, 200)
    forests = [solution.Forest(trees=5, seed=seed) for seed in (4, 4, 5)]
    for forest in forests:
        forest.fit(x, y)
    one, again, other = (np.asarray(forest.predict_proba(x)) for forest in forests)
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


@pytest.mark.points(3, hint="a forest must predict new rows much better than one of its trees")
def test_a_forest_beats_a_tree(solution, rng):
    x, y, _ = ring(rng, 500)
    new, _, truth = ring(rng, 600)
    forest = solution.Forest(trees=25, min_leaf=2, seed=1)
    forest.fit(x, y)
    alone = auc(truth, grown(solution, x, y).predict_proba(new))
    assert auc(truth, forest.predict_proba(new)) > alone + 0.05


@pytest.mark.points(4, hint="each tree is grown on as many rows as there are, drawn with replacement")
def test_trees_are_grown_on_drawn_rows(solution, rng):
    x, y = rng.normal(size=(200, 4)), rng.integers(0, 2, 200)
    forest = solution.Forest(trees=1, max_features=4, seed=int(rng.integers(1 << 30)))
    forest.fit(x, y)
    # One tree without limits knows the rows that it was shown: 63 %, and half of the others.
    right = np.mean(np.asarray(forest.predict_proba(x)) == y)
    assert 0.68 < right < 0.94


@pytest.mark.points(5, hint="oob_proba: each row judged only by the trees that were not shown it")
def test_out_of_bag_is_honest(solution, rng):
    x, noise = rng.normal(size=(300, 5)), rng.integers(0, 2, 300)
    forest = solution.Forest(trees=30, seed=2)
    forest.fit(x, noise)
    assert auc(noise, forest.predict_proba(x)) > 0.95
    out_of_bag = np.asarray(forest.oob_proba())
    assert out_of_bag.shape == (300,)
    assert np.mean(np.isnan(out_of_bag)) < 0.01
    assert auc(noise, np.nan_to_num(out_of_bag, nan=0.5)) < 0.65
    x, y, _ = ring(rng, 400, noise=0.1)
    forest = solution.Forest(trees=30, seed=3)
    forest.fit(x, y)
    assert auc(y, np.nan_to_num(np.asarray(forest.oob_proba()), nan=0.5)) > 0.6


@pytest.mark.points(1, hint="a row that every tree was shown has no out-of-bag probability: NaN")
def test_a_row_seen_by_all_has_no_out_of_bag_value(solution, rng):
    x, y, _ = ring(rng, 100)
    forest = solution.Forest(trees=1, seed=int(rng.integers(1 << 30)))
    forest.fit(x, y)
    unseen = ~np.isnan(np.asarray(forest.oob_proba()))
    assert 0.2 < unseen.mean() < 0.55
