"""Are records cleaned as the README says, and does the model learn? Inputs differ each run."""

import numpy as np
import pandas as pd
import pytest

KM_PER_MILE = 1.609
ROWS = 240


@pytest.fixture
def flights(rng):
    """Return clean flights between invented airports, in no special order, all different."""
    routes = [("JFK", "AAA"), ("LGA", "AAA"), ("EWR", "BBB"), ("JFK", "CCC")]
    miles = rng.integers(150, 2500, len(routes)).astype(float)
    route = rng.permutation(np.arange(ROWS) % len(routes))
    hour = rng.integers(6, 22, ROWS)
    carriers = rng.choice(["UA", "DL", "B6", "9E", "QX"], ROWS)
    return pd.DataFrame(
        {
            "month": rng.integers(1, 13, ROWS),
            "day": rng.integers(1, 29, ROWS),
            "sched_dep_time": hour * 100 + rng.integers(0, 60, ROWS),
            "sched_arr_time": (hour + 2) * 100,
            "carrier": carriers,
            "flight": rng.permutation(ROWS) + 100,
            "tailnum": rng.choice(["N101UW", "N5EAA"], ROWS),
            "origin": [routes[which][0] for which in route],
            "dest": [routes[which][1] for which in route],
            "distance": miles[route],
            "dep_delay": np.nan,
            "late": rng.integers(0, 2, ROWS),
        }
    )


def sorted_right(late, p):
    """Return the share of pairs of a late and a punctual flight in which the late one is higher."""
    higher = p[late == 1][:, None] - p[late == 0][None, :]
    return np.mean((higher > 0) + 0.5 * (higher == 0))


def spoilt(names, rng, share=0.15):
    dirty = rng.random(len(names)) < share
    return names.mask(dirty, " " + names.str.lower())


def mixed_units(distance, rng, share=0.1):
    return distance.mask(rng.random(len(distance)) < share, (distance * KM_PER_MILE).round(1))


def with_gaps(distance, rng, share=0.1):
    return distance.mask(rng.random(len(distance)) < share)


@pytest.mark.points(6, hint="clean must write carriers in capitals, without spaces around them")
def test_carriers_are_tidy(solution, flights, rng):
    dirty = flights.assign(carrier=spoilt(flights["carrier"], rng))
    assert list(solution.clean(dirty)["carrier"]) == list(flights["carrier"])


@pytest.mark.points(7, hint="clean must turn distances in kilometres into miles, route by route")
def test_kilometres_become_miles(solution, flights, rng):
    dirty = flights.assign(distance=mixed_units(flights["distance"], rng))
    got = solution.clean(dirty)["distance"].to_numpy()
    np.testing.assert_allclose(got, flights["distance"], atol=1.5)


@pytest.mark.points(6, hint="clean must fill a missing distance with the distance of its route")
def test_missing_distances_are_those_of_the_route(solution, flights, rng):
    dirty = flights.assign(distance=with_gaps(flights["distance"], rng))
    got = solution.clean(dirty)["distance"].to_numpy()
    np.testing.assert_allclose(got, flights["distance"], atol=1.5)


@pytest.mark.points(3, hint="clean must drop rows that are there twice")
def test_exact_copies_go(solution, flights, rng):
    copies = flights.sample(30, random_state=int(rng.integers(1 << 31)))
    cleaned = solution.clean(pd.concat([flights, copies], ignore_index=True))
    assert list(cleaned["flight"]) == list(flights["flight"])


@pytest.mark.points(
    8, hint="one flight reported twice, in other units or spelling, must stand once"
)
def test_copies_in_other_words_go(solution, flights, rng):
    copies = flights.sample(30, random_state=int(rng.integers(1 << 31)))
    copies = copies.assign(
        carrier=spoilt(copies["carrier"], rng, 0.5),
        distance=mixed_units(copies["distance"], rng, 0.4),
    )
    cleaned = solution.clean(pd.concat([flights, copies], ignore_index=True))
    assert list(cleaned["flight"]) == list(flights["flight"])


@pytest.mark.points(3, hint="clean must leave clean rows as they are: order, columns and values")
def test_clean_records_stay_as_they_are(solution, flights):
    cleaned = solution.clean(flights)
    assert list(cleaned.columns) == list(flights.columns)
    for name in flights:
        assert list(cleaned[name].fillna(-1)) == list(flights[name].fillna(-1)), name


@pytest.mark.points(2, hint="clean must also take a table without the column late")
def test_records_without_labels_can_be_cleaned(solution, flights):
    assert len(solution.clean(flights.drop(columns=["late", "dep_delay"]))) == len(flights)


@pytest.mark.points(5, hint="fitted on some flights of train, the model must sort others")
@pytest.mark.limits(timeout=60)
def test_the_model_sorts_flights_it_has_not_seen(solution, table, rng):
    weather, planes = table("weather"), table("planes")
    rows = table("train").drop_duplicates(["month", "day", "sched_dep_time", "flight", "origin"])
    rows = rows.sample(13_000, random_state=int(rng.integers(1 << 31)))
    model = solution.fit(rows.iloc[:9000].reset_index(drop=True), weather, planes)
    rest = rows.iloc[9000:].reset_index(drop=True)
    asked = rest.drop(columns="late").assign(dep_delay=np.nan, air_time=np.nan, arr_time=np.nan)
    p = np.asarray(solution.predict_proba(model, asked, weather, planes))
    assert sorted_right(rest["late"].to_numpy(), p) > 0.62
