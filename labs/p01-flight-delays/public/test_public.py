"""Checks you can read and run with `labrun check`; the hidden ones are of the same kind.

`fitted` is the model that your fit made of train.
"""

import numpy as np
import pandas as pd
import pytest

RECORDS = pd.DataFrame(
    {
        "month": [1, 1, 1, 1, 1, 1],
        "day": [5, 5, 5, 6, 7, 8],
        "sched_dep_time": [600, 600, 915, 600, 600, 600],
        "sched_arr_time": [815, 815, 1130, 815, 815, 815],
        "carrier": ["UA", " ua", "DL", "UA", "UA", "UA"],
        "flight": [11, 11, 12, 11, 11, 11],
        "tailnum": ["N1", "N1", "N2", "N3", None, "N1"],
        "origin": ["JFK", "JFK", "JFK", "JFK", "JFK", "JFK"],
        "dest": ["ATL", "ATL", "ATL", "ATL", "ATL", "ATL"],
        "distance": [760.0, 1222.8, 760.0, None, 760.0, 760.0],  # 1222.8 km are 760 miles
    }
)


@pytest.mark.points(2, hint="clean must write carriers in capitals, without spaces")
def test_carriers_are_tidy(solution):
    assert set(solution.clean(RECORDS)["carrier"]) == {"UA", "DL"}


@pytest.mark.points(2, hint="clean must give every flight its distance in miles")
def test_distances_are_miles(solution):
    assert solution.clean(RECORDS)["distance"].to_numpy() == pytest.approx(760, abs=1)


@pytest.mark.points(2, hint="clean must keep one row of a flight, however its carrier is spelt")
def test_each_flight_stands_once(solution):
    assert list(solution.clean(RECORDS)["day"]) == [5, 5, 6, 7, 8]


@pytest.mark.points(4, hint="predict_proba must return one number from 0 to 1 for each row")
@pytest.mark.limits(timeout=40)
def test_every_flight_gets_a_probability(solution, fitted, table):
    flights = table("features").head(200)
    p = np.asarray(solution.predict_proba(fitted, flights, table("weather"), table("planes")))
    assert p.shape == (200,)
    assert ((p >= 0) & (p <= 1)).all()
