"""Are the last digits still right where a matrix is nearly singular? Matrices differ by run."""

import numpy as np
import pytest

TENTH_DIGIT = 1e10  # condition number; its square, 1e20, is beyond what a double can tell apart


def with_singular_values(sizes, rows, rng):
    columns = len(sizes)
    left = np.linalg.qr(rng.normal(size=(rows, columns)))[0]
    right = np.linalg.qr(rng.normal(size=(columns, columns)))[0]
    return left * sizes @ right.T, left, right


@pytest.mark.points(
    6, hint="lstsq must be right for a condition number of 1e10: a.T @ a squares that (1e20)"
)
def test_lstsq_survives_a_condition_number_of_ten_digits(solution, rng):
    a, _, _ = with_singular_values(np.geomspace(1, 1 / TENTH_DIGIT, 8), 60, rng)
    wanted = rng.normal(size=8)
    found = solution.lstsq(a, a @ wanted)
    assert np.linalg.norm(found - wanted) < 1e-3 * np.linalg.norm(wanted)


@pytest.mark.points(
    4, hint="lstsq with a small ridge must be right for a condition number of 1e10 too"
)
def test_ridge_survives_a_condition_number_of_ten_digits(solution, rng):
    sizes, ridge = np.geomspace(1, 1 / TENTH_DIGIT, 8), 1e-16
    a, left, right = with_singular_values(sizes, 60, rng)
    b = a @ rng.normal(size=8)
    wanted = right @ (sizes / (sizes**2 + ridge) * (left.T @ b))
    found = solution.lstsq(a, b, ridge=ridge)
    assert np.linalg.norm(found - wanted) < 1e-3 * np.linalg.norm(wanted)


@pytest.mark.points(
    5, hint="pca must find a spread of 1e-9 of the largest: the covariance matrix squares it away"
)
def test_pca_sees_a_tiny_spread_beside_a_large_one(solution, rng):
    x, _, _ = with_singular_values(np.geomspace(1, 1e-9, 5), 80, rng)
    x = x - x.mean(axis=0)
    wanted = np.linalg.svd(x - x.mean(axis=0), compute_uv=False) ** 2 / 79
    _, _, variances = solution.pca(x, 5)
    np.testing.assert_allclose(variances, wanted, rtol=0.01)
