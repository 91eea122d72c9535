"""Do loss and gradients agree with another implementation? Networks differ from run to run."""

import numpy as np
import pytest

SIZES = ([4, 3], [5, 7, 3], [6, 8, 5, 4])
STEP = 1e-5


def true_loss(params, x, y, decay=0.0):
    for weights, bias in params[:-1]:
        x = np.maximum(x @ weights + bias, 0)
    scores = x @ params[-1][0] + params[-1][1]
    scores = scores - scores.max(axis=1, keepdims=True)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    penalty = sum(np.sum(weights**2) for weights, _ in params)
    return -logs[np.arange(len(y)), y].mean() + decay / 2 * penalty


def drawn(rng, sizes, rows=12):
    pairs = zip(sizes[:-1], sizes[1:], strict=True)
    params = [(rng.normal(0, 1, (a, b)), rng.normal(0, 0.5, b)) for a, b in pairs]
    return params, rng.normal(size=(rows, sizes[0])), rng.integers(0, sizes[-1], rows)


def slope(params, x, y, way, decay=0.0):
    """Return the derivative of the loss along a direction, by Richardson's finite differences."""

    def central(step):
        ends = [
            [(w + s * dw, b + s * db) for (w, b), (dw, db) in zip(params, way, strict=True)]
            for s in (step, -step)
        ]
        return (true_loss(ends[0], x, y, decay) - true_loss(ends[1], x, y, decay)) / (2 * step)

    return (4 * central(STEP / 2) - central(STEP)) / 3


def along(gradients, way):
    return sum(
        np.sum(np.asarray(g) * d)
        for pair, direction in zip(gradients, way, strict=True)
        for g, d in zip(pair, direction, strict=True)
    )


def only(params, layer, part, rng):
    """Return a direction that moves the weights (0) or the biases (1) of one layer alone."""
    way = [(np.zeros_like(weights), np.zeros_like(bias)) for weights, bias in params]
    way[layer][part][...] = rng.normal(size=way[layer][part].shape)
    return way


def kink_free(rng, sizes):
    """Draw until no hidden unit is so near zero that a step would carry it across."""
    while True:
        params, x, y = drawn(rng, sizes)
        h, nearest = x, 1.0
        for weights, bias in params[:-1]:
            h = h @ weights + bias
            nearest, h = min(nearest, np.abs(h).min()), np.maximum(h, 0)
        if nearest > 2e-3:
            return params, x, y


@pytest.mark.points(3, hint="loss: mean cross-entropy of softmax, natural logarithm")
@pytest.mark.parametrize("sizes", SIZES)
def test_the_loss_is_the_mean_cross_entropy(solution, rng, sizes):
    params, x, y = drawn(rng, sizes)
    assert solution.loss(params, x, y) == pytest.approx(true_loss(params, x, y), rel=1e-9)


@pytest.mark.points(3, hint="take the largest score of a row away before exp: no inf, no nan")
def test_large_scores_do_not_overflow(solution, rng):
    params, x, y = drawn(rng, [5, 7, 3])
    large = [(weights * 80, bias) for weights, bias in params]
    assert solution.loss(large, x, y) == pytest.approx(true_loss(large, x, y), rel=1e-9)
    for weights, bias in solution.gradients(large, x, y):
        assert np.isfinite(weights).all()
        assert np.isfinite(bias).all()


@pytest.mark.points(4, hint="one layer: the gradient of the scores is (softmax - one-hot) / rows")
def test_softmax_regression_has_the_right_gradient(solution, rng):
    params, x, y = drawn(rng, [4, 3])
    found = solution.gradients(params, x, y)
    for part in (0, 1):
        way = only(params, 0, part, rng)
        assert along(found, way) == pytest.approx(slope(params, x, y, way), rel=1e-6, abs=1e-8)


@pytest.mark.points(5, hint="weights: what the layer was given, times the error that comes back")
@pytest.mark.parametrize("sizes", [[5, 7, 3], [6, 8, 5, 4]])
def test_weights_of_every_layer_have_the_right_gradient(solution, rng, sizes):
    params, x, y = kink_free(rng, sizes)
    found = solution.gradients(params, x, y)
    for layer in range(len(params)):
        way = only(params, layer, 0, rng)
        assert along(found, way) == pytest.approx(slope(params, x, y, way), rel=1e-6, abs=1e-8)


@pytest.mark.points(4, hint="biases: the error summed over the rows; does ReLU stop it where it must?")
@pytest.mark.parametrize("sizes", [[5, 7, 3], [6, 8, 5, 4]])
def test_biases_of_every_layer_have_the_right_gradient(solution, rng, sizes):
    params, x, y = kink_free(rng, sizes)
    found = solution.gradients(params, x, y)
    for layer in range(len(params)):
        way = only(params, layer, 1, rng)
        assert along(found, way) == pytest.approx(slope(params, x, y, way), rel=1e-6, abs=1e-8)


@pytest.mark.points(3, hint="decay / 2 times the squared weights adds decay * weights, no biases")
def test_decay_pulls_at_the_weights_alone(solution, rng):
    params, x, y = drawn(rng, [5, 7, 3])
    decay = float(rng.uniform(0.1, 0.9))
    assert solution.loss(params, x, y, decay=decay) == pytest.approx(
        true_loss(params, x, y, decay), rel=1e-9
    )
    plain = solution.gradients(params, x, y)
    pulled = solution.gradients(params, x, y, decay=decay)
    for (weights, _), one, other in zip(params, plain, pulled, strict=True):
        np.testing.assert_allclose(other[0] - one[0], decay * weights, atol=1e-9)
        np.testing.assert_allclose(other[1], one[1], atol=1e-12)


@pytest.mark.points(2, hint="a batch given twice over has the same mean loss, and the same gradient")
def test_the_gradient_is_a_mean_over_rows(solution, rng):
    params, x, y = drawn(rng, [5, 7, 3])
    once = solution.gradients(params, x, y)
    twice = solution.gradients(params, np.vstack([x, x]), np.concatenate([y, y]))
    for one, other in zip(once, twice, strict=True):
        np.testing.assert_allclose(one[0], other[0], atol=1e-10)
        np.testing.assert_allclose(one[1], other[1], atol=1e-10)


@pytest.mark.points(3, hint="normal weights of variance 2 / inputs, biases of zero, drawn by the seed")
def test_init_keeps_the_size_of_signals(solution, rng):
    seed = int(rng.integers(1 << 30))
    (first, first_bias), (last, last_bias) = solution.init([200, 150, 40], seed=seed)
    assert (first.shape, last.shape) == ((200, 150), (150, 40))
    assert np.var(first) == pytest.approx(2 / 200, rel=0.1)
    assert np.var(last) == pytest.approx(2 / 150, rel=0.15)
    assert not np.any(first_bias)
    assert not np.any(last_bias)
    np.testing.assert_array_equal(solution.init([200, 150, 40], seed=seed)[0][0], first)
    assert (solution.init([200, 150, 40], seed=seed + 1)[0][0] != first).any()
