"""Checks you can read and run with `labrun check`; the hidden ones are of the same kind."""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=40)


@pytest.fixture
def fitted(solution, table):
    return solution.fit(table("train").head(2000))


@pytest.mark.points(5, hint="predict_proba must return 26 numbers a row that sum to 1")
def test_every_row_gets_a_probability_for_each_letter(solution, fitted, table):
    p = np.asarray(solution.predict_proba(fitted, table("suspects").head(200)))
    assert p.shape == (200, 26)
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6)


@pytest.mark.points(5, hint="from 2,000 rows of train, 6 letters of 10 must be read right")
def test_most_letters_are_read_right(solution, fitted, table):
    found = np.asarray(solution.predict(fitted, table("features")))
    assert np.mean(found == table("truth")["letter"].to_numpy(str)) > 0.6
