"""Do the functions keep what the README promises? Inputs differ from run to run."""

import numpy as np
import pytest


def definition(actual, predicted):
    return np.sqrt(np.mean((np.log1p(predicted) - np.log1p(actual)) ** 2))


def usual(houses):
    """Return the rows without the few odd sales, on which no score should hang."""
    kept = (houses["Gr_Liv_Area"] <= 4000) & (houses["Sale_Price"] >= 20_000)
    return houses[kept].reset_index(drop=True)


@pytest.mark.points(6, hint="rmsle must follow the formula of the README for any prices")
def test_rmsle_follows_its_definition(solution, rng):
    actual = rng.uniform(20_000, 600_000, 40)
    predicted = actual * rng.uniform(0.6, 1.6, 40)
    assert solution.rmsle(actual, predicted) == pytest.approx(definition(actual, predicted))


@pytest.mark.points(2, hint="rmsle must use log(1 + price), so that a price of 0 has a logarithm")
def test_rmsle_takes_a_price_of_zero(solution, rng):
    actual, predicted = np.array([0.0, 1.0]), np.array([rng.uniform(1, 5), 0.0])
    assert solution.rmsle(actual, predicted) == pytest.approx(definition(actual, predicted))


@pytest.mark.points(2, hint="rmsle must raise ValueError when the numbers of prices differ")
def test_rmsle_refuses_different_lengths(solution, rng):
    with pytest.raises(ValueError):
        solution.rmsle(rng.uniform(1, 9, 5), rng.uniform(1, 9, 1))


@pytest.mark.points(2, hint="rmsle must raise ValueError for a negative price")
def test_rmsle_refuses_negative_prices(solution, rng):
    with pytest.raises(ValueError):
        solution.rmsle(rng.uniform(1, 9, 3), np.array([1.0, -rng.uniform(1, 9), 3.0]))


@pytest.mark.points(8, hint="fitted on half of train, the model must do well on the other half")
@pytest.mark.limits(timeout=40)
def test_the_model_learns_from_what_it_is_given(solution, table, rng):
    rows = usual(table("train")).sample(1200, random_state=int(rng.integers(1 << 31)))
    train, rest = rows.iloc[:900], rows.iloc[900:]
    model = solution.fit(train.reset_index(drop=True))
    prices = solution.predict(model, rest.drop(columns="Sale_Price").reset_index(drop=True))
    assert definition(rest["Sale_Price"].to_numpy(), np.asarray(prices)) < 0.20


@pytest.mark.points(6, hint="if every price in train is multiplied, the predictions must follow")
@pytest.mark.limits(timeout=40)
def test_predictions_follow_the_price_level(solution, table, rng):
    train, houses = usual(table("train")).head(500), table("features").head(80)
    factor = rng.uniform(2, 4)
    dearer = train.assign(Sale_Price=(train["Sale_Price"] * factor).round())
    before = np.asarray(solution.predict(solution.fit(train), houses))
    after = np.asarray(solution.predict(solution.fit(dearer), houses))
    assert np.median(after / before) == pytest.approx(factor, rel=0.1)
