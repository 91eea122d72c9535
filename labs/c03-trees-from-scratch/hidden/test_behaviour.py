"""Is the model made of trees, and does it learn from what it is given?"""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=90)


@pytest.fixture
def cells(table, rng):
    rows = table("train").sample(frac=1, random_state=int(rng.integers(1 << 31)))
    return rows.iloc[:400].reset_index(drop=True), rows.iloc[400:].reset_index(drop=True)


def judged(solution, train, rest):
    return np.asarray(solution.predict_proba(solution.fit(train, seed=5), rest.drop(columns="poor")))


@pytest.mark.points(4, hint="trees look at the order of values alone: cubing a column changes nothing")
def test_only_the_order_of_values_matters(solution, cells, rng):
    train, rest = cells
    columns = [name for name in train if name != "poor"]
    bent = [part.copy() for part in (train, rest)]
    for name in columns:
        middle, scale = train[name].median(), train[name].std()
        for part in bent:
            part[name] = np.sinh(2 * (part[name] - middle) / scale) + 1e-3 * part[name]
    before, after = judged(solution, train, rest), judged(solution, *bent)
    # A threshold halfway between two values bends too, so single cells may change sides.
    assert np.corrcoef(before, after)[0, 1] > 0.95
    assert np.mean(np.abs(before - after)) < 0.04


@pytest.mark.points(3, hint="with poor and well exchanged in train, probabilities must turn round")
def test_the_model_learns_from_what_it_is_given(solution, cells):
    train, rest = cells
    poor = rest["poor"].to_numpy() == 1
    p = judged(solution, train.assign(poor=1 - train["poor"]), rest)
    assert np.mean(p[poor][:, None] < p[~poor][None, :]) > 0.8


@pytest.mark.points(3, hint="go by the names of the columns, and take those that train has")
def test_columns_may_be_others_and_in_any_order(solution, cells, rng):
    train, rest = cells
    train, rest = (part.rename(columns={"area_ch_1": "size"}) for part in (train, rest))
    shuffled = rest[list(rng.permutation(rest.columns))]
    model = solution.fit(train, seed=2)
    one = solution.predict_proba(model, rest.drop(columns="poor"))
    other = solution.predict_proba(model, shuffled.drop(columns="poor"))
    np.testing.assert_allclose(np.asarray(one), np.asarray(other))
