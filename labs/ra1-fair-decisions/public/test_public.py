"""Checks you can read and run with `labrun check`; the hidden ones are of the same kind."""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=40)


@pytest.fixture
def fitted(solution, table):
    return solution.fit(table("train").head(5000))


@pytest.mark.points(4, hint="predict must return a 0 or a 1 for each row, and both of them")
def test_everybody_gets_a_decision(solution, fitted, table):
    decided = np.asarray(solution.predict(fitted, table("features").head(1000)))
    assert decided.shape == (1000,)
    assert set(decided.tolist()) == {0, 1}


@pytest.mark.points(6, hint="of those who earn more than 50,000, more must get a 1 than of the rest")
def test_decisions_follow_the_income(solution, fitted, table):
    decided = np.asarray(solution.predict(fitted, table("features")))
    earned = table("truth")["over_50k"].to_numpy() == 1
    assert decided[earned].mean() > decided[~earned].mean() + 0.4
