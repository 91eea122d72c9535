"""Do pca and lstsq keep what the README promises? Inputs differ from run to run."""

import numpy as np
import pytest


@pytest.mark.points(3, hint="components must span the k directions of most variance, as (k, p)")
def test_pca_finds_the_best_directions(solution, rng):
    x = rng.normal(size=(60, 7)) * rng.permutation(2.0 ** np.arange(7)) + rng.normal(size=7)
    mean, components, _ = solution.pca(x, 3)
    best = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2][:3]
    assert components.shape == (3, 7)
    np.testing.assert_allclose(mean, x.mean(axis=0))
    # Compare the planes: a direction may be turned round.
    np.testing.assert_allclose(components.T @ components, best.T @ best, atol=1e-8)


@pytest.mark.points(3, hint="variances are sample variances (n - 1) along components, largest first")
def test_pca_measures_the_variance(solution, rng):
    x = rng.normal(size=(40, 6)) @ rng.normal(size=(6, 6))
    mean, components, variances = solution.pca(x, 4)
    along = ((x - mean) @ components.T).var(axis=0, ddof=1)
    np.testing.assert_allclose(variances, along, rtol=1e-8)
    assert (np.diff(variances) <= 0).all()


@pytest.mark.points(2, hint="pca must work where there are more columns than rows")
def test_pca_takes_more_columns_than_rows(solution, rng):
    x = rng.normal(size=(8, 120))
    mean, components, variances = solution.pca(x, 7)
    np.testing.assert_allclose(components @ components.T, np.eye(7), atol=1e-8)
    np.testing.assert_allclose(mean + (x - mean) @ components.T @ components, x, atol=1e-8)
    assert variances.shape == (7,)


@pytest.mark.points(0.5, hint="pca must raise ValueError unless 1 <= k <= min(n, p)")
@pytest.mark.parametrize("k", [0, -1, 6, 50])
def test_pca_refuses_an_impossible_k(solution, rng, k):
    with pytest.raises(ValueError):
        solution.pca(rng.normal(size=(9, 5)), k)


@pytest.mark.points(2, hint="lstsq must leave a residual that no column of a can explain")
def test_lstsq_solves_a_plain_problem(solution, rng):
    a, b = rng.normal(size=(50, 6)), rng.normal(size=50)
    x = solution.lstsq(a, b)
    assert x.shape == (6,)
    np.testing.assert_allclose(a.T @ (a @ x - b), 0, atol=1e-9)


@pytest.mark.points(1, hint="lstsq must take a b of several columns and solve for each")
def test_lstsq_takes_several_right_hand_sides(solution, rng):
    a, wanted = rng.normal(size=(30, 4)), rng.normal(size=(4, 3))
    np.testing.assert_allclose(solution.lstsq(a, a @ wanted), wanted, atol=1e-9)


@pytest.mark.points(2, hint="with ridge, lstsq must minimise ||a x - b||^2 + ridge ||x||^2")
def test_ridge_pulls_towards_zero(solution, rng):
    a, b, ridge = rng.normal(size=(30, 4)), rng.normal(size=(30, 2)), rng.uniform(1, 20)
    wanted = np.linalg.solve(a.T @ a + ridge * np.eye(4), a.T @ b)
    np.testing.assert_allclose(solution.lstsq(a, b, ridge=ridge), wanted, atol=1e-9)
