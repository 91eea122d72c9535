"""Checks you can read and run with `labrun check`; the hidden ones are of the same kind."""

import numpy as np
import pytest


@pytest.mark.points(2, hint="layers are x @ weights + bias, with ReLU between them and none at the end")
def test_scores_of_a_small_network(solution):
    params = [
        (np.array([[1.0, -1.0]]), np.array([0.0, 0.5])),
        (np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([0.0, -1.0])),
    ]
    found = solution.forward(params, np.array([[2.0], [-3.0]]))
    np.testing.assert_allclose(found, [[2.0, -1.0], [0.0, 6.0]])


@pytest.mark.points(2, hint="equal scores for 4 classes cost log(4), whatever the class")
def test_loss_of_equal_scores(solution):
    params = [(np.zeros((3, 4)), np.zeros(4))]
    assert solution.loss(params, np.ones((2, 3)), np.array([0, 3])) == pytest.approx(np.log(4))


@pytest.mark.points(3, hint="compare your gradient with (loss(w + h) - loss(w - h)) / (2 h)")
def test_gradient_of_one_weight(solution, rng):
    params = solution.init([3, 5, 4], seed=1)
    x, y = rng.normal(size=(7, 3)), rng.integers(0, 4, 7)
    found = solution.gradients(params, x, y)
    step = 1e-6
    for layer in (0, 1):
        losses = []
        for sign in (1, -1):
            moved = [(np.array(weights), np.array(bias)) for weights, bias in params]
            moved[layer][0][1, 2] += sign * step
            losses.append(solution.loss(moved, x, y))
        numeric = (losses[0] - losses[1]) / (2 * step)
        assert found[layer][0][1, 2] == pytest.approx(numeric, rel=1e-4, abs=1e-7)


@pytest.mark.points(3, hint="fitted on 3,000 letters, at least two in three others must be read right")
@pytest.mark.limits(timeout=60)
def test_letters_are_read(solution, table):
    model = solution.fit(table("train").head(3000), seed=1)
    found = np.asarray(solution.predict(model, table("features")))
    assert np.mean(found == table("truth")["letter"].to_numpy()) > 0.66
