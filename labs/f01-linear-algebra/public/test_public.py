"""Checks you can read and run with `labrun check`; the hidden ones are of the same kind."""

import numpy as np
import pytest


@pytest.mark.points(4, hint="the rows of components must be orthonormal; the first is the diagonal")
def test_pca_finds_the_line_that_points_lie_on(solution, rng):
    along = rng.normal(size=50)
    x = np.column_stack([3 + along, 1 - along])
    mean, components, variances = solution.pca(x, 2)
    np.testing.assert_allclose(mean, x.mean(axis=0))
    np.testing.assert_allclose(components @ components.T, np.eye(2), atol=1e-9)
    np.testing.assert_allclose(np.abs(components[0]), np.sqrt(0.5), atol=1e-6)
    np.testing.assert_allclose(variances, [2 * along.var(ddof=1), 0], atol=1e-9)


@pytest.mark.points(3, hint="lstsq must give the line through points that lie on one")
def test_lstsq_finds_a_line(solution):
    x = np.array([0.0, 1.0, 2.0, 3.0])
    found = solution.lstsq(np.column_stack([np.ones(4), x]), 5 - 2 * x)
    np.testing.assert_allclose(found, [5, -2], atol=1e-9)


@pytest.mark.points(3, hint="fitted on most of train, the rest must be predicted within 6 % fat")
@pytest.mark.limits(timeout=30)
def test_the_model_predicts_rows_it_has_not_seen(solution, table):
    train = table("train")
    model = solution.fit(train.iloc[20:].reset_index(drop=True))
    rest = train.iloc[:20].reset_index(drop=True)
    predicted = np.asarray(solution.predict(model, rest.drop(columns="fat")))
    assert predicted.shape == (20,)
    assert np.sqrt(np.mean((predicted - rest["fat"].to_numpy()) ** 2)) < 6
