"""Checks you can read and run with `labrun check`; the hidden ones are of the same kind.

`fitted` is the model that your fit made of train.
"""

import numpy as np
import pytest


@pytest.mark.points(4, hint="predict_proba must return one number from 0 to 1 for each row")
@pytest.mark.limits(timeout=30)
def test_every_application_gets_a_probability(solution, fitted, table):
    p = np.asarray(solution.predict_proba(fitted, table("features").head(100)))
    assert p.shape == (100,)
    assert ((p >= 0) & (p <= 1)).all()


@pytest.mark.points(3, hint="with costs of 5 and 1, refuse from a probability of 1/6 on")
@pytest.mark.limits(timeout=30)
def test_costs_of_5_and_1(solution, fitted):
    assert list(solution.decide(fitted, np.array([0.1, 0.16, 0.17, 0.9]))) == [0, 0, 1, 1]


@pytest.mark.points(3, hint="with equal costs, refuse from a probability of 1/2 on")
@pytest.mark.limits(timeout=30)
def test_equal_costs(solution, fitted):
    decisions = solution.decide(fitted, np.array([0.1, 0.45, 0.55, 0.9]), cost_fn=1, cost_fp=1)
    assert list(decisions) == [0, 0, 1, 1]
