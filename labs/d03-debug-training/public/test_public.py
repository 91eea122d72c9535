"""Checks you can read and run with `labrun check`; the hidden ones are of the same kind."""

import numpy as np
import pytest


@pytest.mark.points(3, hint="batches must give every row, 10 at a time, the last batch the rest")
def test_batches_give_every_row(solution):
    x, y = np.zeros((35, 2), dtype=np.float32), np.arange(35)
    pairs = solution.batches(x, y, 10, seed=0)
    assert [len(batch_y) for _, batch_y in pairs] == [10, 10, 10, 5]
    assert sorted(np.concatenate([batch_y for _, batch_y in pairs])) == list(range(35))


@pytest.mark.points(3, hint="probabilities must be numbers from 0 to 1 that sum to 1 in each row")
@pytest.mark.limits(timeout=30)
def test_probabilities_sum_to_one(solution, rng):
    x = rng.normal(size=(8, 16)).astype(np.float32)
    found = solution.probabilities(solution.build(16, 26, seed=1), x)
    assert found.shape == (8, 26)
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


@pytest.mark.points(4, hint="trained on all rows for 4 epochs, 3 letters of 4 must be read right")
@pytest.mark.limits(timeout=60)
def test_a_short_training_reads_most_letters(solution, table):
    features, truth = table("features").head(800), table("truth").head(800)
    found = solution.predict(solution.fit(table("train"), epochs=4, seed=1), features)
    assert np.mean(np.asarray(found) == truth["letter"].to_numpy(str)) > 0.75
