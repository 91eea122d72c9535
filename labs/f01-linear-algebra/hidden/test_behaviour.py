"""Does fit learn from what it is given, and does predict look at one row at a time?"""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=30)


@pytest.fixture
def meats(table, rng):
    rows = table("train").sample(90, random_state=int(rng.integers(1 << 31)))
    return rows.iloc[:70].reset_index(drop=True), rows.iloc[70:].reset_index(drop=True)


@pytest.mark.points(4, hint="if fat is turned round in train (fat → a - fat), predictions must be")
def test_the_model_learns_from_what_it_is_given(solution, meats, rng):
    train, rest = meats
    total = rng.uniform(80, 120)
    before = np.asarray(solution.predict(solution.fit(train), rest.drop(columns="fat")))
    turned = train.assign(fat=total - train["fat"])
    after = np.asarray(solution.predict(solution.fit(turned), rest.drop(columns="fat")))
    assert np.sqrt(np.mean((total - after - before) ** 2)) < 2


@pytest.mark.points(4, hint="a sample predicted alone must get the value it gets among others")
def test_one_sample_alone_gets_the_same_value(solution, meats):
    train, rest = meats
    model, features = solution.fit(train), rest.drop(columns="fat")
    together = np.asarray(solution.predict(model, features))
    for row in (0, 7, 19):
        alone = np.asarray(solution.predict(model, features.iloc[[row]].reset_index(drop=True)))
        np.testing.assert_allclose(alone, together[[row]], rtol=1e-6)


@pytest.mark.points(2, hint="predict must go by the names of the columns, not by their places")
def test_columns_may_come_in_any_order(solution, meats, rng):
    train, rest = meats
    model, features = solution.fit(train), rest.drop(columns="fat")
    shuffled = features[list(rng.permutation(features.columns))]
    together = np.asarray(solution.predict(model, features))
    np.testing.assert_allclose(np.asarray(solution.predict(model, shuffled)), together, rtol=1e-6)
