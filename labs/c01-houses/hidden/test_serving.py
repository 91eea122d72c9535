"""Would the model survive outside the lab: new places, gaps?"""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=40)


@pytest.fixture
def fitted(solution, table, rng):
    rows = table("train").sample(500, random_state=int(rng.integers(1 << 31)))
    return solution.fit(rows.reset_index(drop=True))


@pytest.fixture
def houses(table, rng):
    rows = table("features").sample(60, random_state=int(rng.integers(1 << 31)))
    return rows.reset_index(drop=True)


@pytest.mark.points(5, hint="a neighbourhood that train does not have must not stop the model")
def test_a_new_neighbourhood_gets_a_price(solution, fitted, houses, rng):
    name = "New_Estate_" + "".join(rng.choice(list("abcdefgh"), 6))
    prices = np.asarray(solution.predict(fitted, houses.assign(Neighborhood=name)))
    assert prices.shape == (len(houses),)
    assert (np.isfinite(prices) & (prices > 1000)).all()


@pytest.mark.points(5, hint="a missing number or a missing word must not stop the model")
def test_gaps_get_a_price(solution, fitted, houses, rng):
    gaps = houses.copy()
    for name in ("Lot_Frontage", "Garage_Area", "Year_Remod_Add"):
        gaps[name] = gaps[name].astype(float).mask(rng.random(len(gaps)) < 0.5)
    for name in ("Garage_Type", "Heating_QC", "Exterior_1st"):
        gaps[name] = gaps[name].mask(rng.random(len(gaps)) < 0.5)
    prices = np.asarray(solution.predict(fitted, gaps))
    assert prices.shape == (len(houses),)
    assert (np.isfinite(prices) & (prices > 1000)).all()
