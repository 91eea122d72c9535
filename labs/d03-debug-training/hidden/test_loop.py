"""Does each part of the loop keep its promise? Networks and rows differ from run to run."""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=30)


@pytest.fixture
def seed(rng):
    return int(rng.integers(1 << 31))


@pytest.fixture
def network(solution, seed):
    return solution.build(16, 26, seed=seed)


@pytest.fixture
def rows(rng):
    x = rng.normal(size=(40, 16)).astype(np.float32)
    return x, rng.integers(0, 26, 40)


@pytest.mark.points(5, hint="in every batch each row of x must stand beside its own y")
def test_every_row_keeps_its_label(solution, rng, seed):
    y = rng.permutation(300)
    x = np.stack([y, -y], axis=1).astype(np.float32)
    pairs = solution.batches(x, y, 16, seed=seed)
    seen = np.concatenate([batch_y for _, batch_y in pairs])
    assert sorted(seen.tolist()) == list(range(300))
    for batch_x, batch_y in pairs:
        np.testing.assert_array_equal(batch_x[:, 0], batch_y)
        np.testing.assert_array_equal(batch_x[:, 1], -batch_y)


@pytest.mark.points(2, hint="batches must shuffle: another order for another seed")
def test_batches_are_shuffled(solution, seed):
    x, y = np.zeros((200, 1), dtype=np.float32), np.arange(200)
    one, other = (
        np.concatenate([batch_y for _, batch_y in solution.batches(x, y, 20, seed=s)])
        for s in (seed, seed - 1)
    )
    assert (one != y).any()
    assert (one != other).any()


@pytest.mark.points(4, hint="a network without an activation between its layers is one linear map")
def test_the_network_is_not_linear(solution, network, rows, rng):
    x, _ = rows
    network.eval()
    step = rng.normal(size=x.shape).astype(np.float32)
    log = [np.log(solution.probabilities(network, at)) for at in (x - step, x, x + step)]
    # Differences of log-probabilities are differences of scores: straight lines for a linear map.
    before, here, after = (part - part[:, [0]] for part in log)
    assert np.abs(before + after - 2 * here).mean() > 0.01


@pytest.mark.points(
    5, hint="cross_entropy wants raw scores: what does the network send it? (Softmax comes after)"
)
def test_the_gradient_is_that_of_cross_entropy(solution, network, rows):
    x, y = rows
    network.eval()  # no dropout, so that the gradient can be worked out by hand
    found = solution.probabilities(network, x)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    network.eval()
    last_bias = solution.gradients(network, x, y)[-1]
    np.testing.assert_allclose(last_bias, (found - np.eye(26)[y]).mean(axis=0), atol=1e-5)


@pytest.mark.points(5, hint="the gradient of a batch must not contain that of the batch before it")
def test_gradients_do_not_pile_up(solution, network, rows):
    x, y = rows
    network.eval()
    first = solution.gradients(network, x, y)
    solution.gradients(network, x[::-1].copy(), y)
    again = solution.gradients(network, x, y)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-6)


@pytest.mark.points(4, hint="in use the network must answer the same each time: is dropout still on?")
def test_probabilities_do_not_vary(solution, network, rows):
    x, _ = rows
    network.train()  # as training leaves it
    first = solution.probabilities(network, x)
    np.testing.assert_array_equal(solution.probabilities(network, x), first)


@pytest.mark.points(
    5, hint="predict must answer what the weights in the model say: Linear, ReLU, Linear"
)
def test_predictions_come_from_the_trained_weights(solution, table, seed):
    train, features = table("train").head(2000), table("features").head(300)
    model = solution.fit(train, epochs=2, seed=seed % 1000)
    first, first_bias, last, last_bias = model["weights"]
    x = (features[list(model["columns"])].to_numpy(float) - model["mean"]) / model["scale"]
    scores = np.maximum(x @ first.T + first_bias, 0) @ last.T + last_bias
    wanted = np.asarray(model["letters"])[scores.argmax(axis=1)]
    found = np.asarray(solution.predict(model, features))
    assert np.mean(found == wanted) > 0.99  # two scores may be equal but for rounding
    assert len(set(wanted.tolist())) > 10
