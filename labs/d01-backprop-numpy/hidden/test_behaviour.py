"""Is the answer the network's, and does the network learn from what it is given?"""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=60)
ALPHABET = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


@pytest.fixture
def letters(table, rng):
    rows = table("train").sample(2000, random_state=int(rng.integers(1 << 31)))
    return rows.reset_index(drop=True)


@pytest.fixture
def features(table, rng):
    rows = table("features").sample(300, random_state=int(rng.integers(1 << 31)))
    return rows.reset_index(drop=True)


def scores(params, x):
    for weights, bias in params[:-1]:
        x = np.maximum(x @ weights + bias, 0)
    return x @ params[-1][0] + params[-1][1]


@pytest.mark.points(4, hint="predict must answer what forward says of model['params']")
def test_answers_come_from_the_network(solution, letters, features):
    model = solution.fit(letters, seed=3, epochs=3)
    x = features[list(model["columns"])].to_numpy(dtype=float)
    x = (x - np.asarray(model["mean"])) / np.asarray(model["scale"])
    wanted = np.asarray(model["letters"])[scores(model["params"], x).argmax(axis=1)]
    found = np.asarray(solution.predict(model, features))
    assert np.mean(found == wanted) > 0.99
    assert len(set(wanted.tolist())) > 10
    assert sum(np.size(weights) for weights, _ in model["params"]) < 60_000


@pytest.mark.points(3, hint="if letters are renamed in train, the answers must be renamed alike")
def test_the_network_learns_from_what_it_is_given(solution, letters, rng):
    names = dict(zip(ALPHABET.tolist(), rng.permutation(ALPHABET).tolist(), strict=True))
    train, rest = letters.iloc[:1600], letters.iloc[1600:].reset_index(drop=True)
    renamed = train.assign(letter=train["letter"].map(names))
    model = solution.fit(renamed.reset_index(drop=True), seed=4, epochs=15)
    found = np.asarray(solution.predict(model, rest.drop(columns="letter")))
    assert np.mean(found == rest["letter"].map(names).to_numpy()) > 0.55


@pytest.mark.points(2, hint="the same table and seed must give the same weights, another seed others")
def test_the_seed_decides(solution, letters):
    one, again, other = (
        np.asarray(solution.fit(letters.head(300), seed=seed, epochs=1)["params"][0][0])
        for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


@pytest.mark.points(1, hint="go by the names of the columns; train may have fewer letters")
def test_fewer_letters_and_columns_in_any_order(solution, letters, features, rng):
    chosen = set(rng.permutation(ALPHABET)[:6].tolist())
    train = letters[letters["letter"].isin(chosen)].reset_index(drop=True)
    model = solution.fit(train, seed=1, epochs=2)
    found = np.asarray(solution.predict(model, features))
    shuffled = features[list(rng.permutation(features.columns))]
    assert set(found.tolist()) <= chosen
    assert np.asarray(solution.predict(model, shuffled)).tolist() == found.tolist()
