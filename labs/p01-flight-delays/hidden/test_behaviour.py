"""Is a flight judged by what is known before it leaves?"""

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.limits(timeout=60)
SAME = {"rtol": 1e-6, "atol": 1e-9}


@pytest.fixture
def predict(solution, fitted, table):
    """Return what the learner's model says of some flights."""
    weather, planes = table("weather"), table("planes")
    return lambda flights: np.asarray(solution.predict_proba(fitted, flights, weather, planes))


@pytest.fixture
def flights(table, rng):
    """Return the flights of one whole day: many leave in the same hour."""
    rows = table("features")
    month = rng.choice(rows["month"].unique())
    return rows[(rows["month"] == month) & (rows["day"] == rng.integers(1, 31))].reset_index(
        drop=True
    )


@pytest.mark.points(5, hint="dep_delay, air_time and arr_time are known too late: do not use them")
def test_the_end_of_a_flight_changes_nothing(predict, flights, rng):
    told = flights.assign(
        dep_delay=rng.integers(60, 300, len(flights)).astype(float),
        air_time=rng.integers(300, 600, len(flights)).astype(float),
        arr_time=rng.integers(0, 2359, len(flights)).astype(float),
    )
    np.testing.assert_allclose(predict(told), predict(flights), **SAME)


@pytest.mark.points(
    5, hint="a new carrier, airport or plane, or no weather, must not stop the model"
)
def test_what_train_does_not_know_gets_a_probability(predict, flights, rng):
    letters = "".join(rng.choice(list("XYZ"), 2))
    new = flights.assign(carrier=letters, dest="Q" + letters, tailnum="N0" + letters)
    far = new.assign(distance=np.nan, month=12, day=31, sched_dep_time=2245)
    p = predict(pd.concat([flights, far], ignore_index=True))
    assert p.shape == (2 * len(flights),)
    assert ((p >= 0) & (p <= 1)).all()
