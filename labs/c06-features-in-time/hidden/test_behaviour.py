"""Is a day known by its own row, and does the model know the calendar? Days differ by run."""

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.limits(timeout=60)


@pytest.fixture
def fitted(solution, table):
    return solution.fit(table("train").tail(2600).reset_index(drop=True))


@pytest.fixture
def days(table, rng):
    rows = table("train").tail(700).sample(120, random_state=int(rng.integers(1 << 31)))
    return rows.drop(columns="ridership").reset_index(drop=True)


@pytest.mark.points(4, hint="features of a day must not change when other rows change or are missing")
def test_features_of_a_day_come_from_its_own_row(solution, days, rng):
    whole = solution.features(days).to_numpy(dtype=float)
    part = solution.features(days.iloc[:30].reset_index(drop=True)).to_numpy(dtype=float)
    np.testing.assert_allclose(part, whole[:30], atol=1e-9)
    later = days.copy()
    numbers = [name for name in days if name != "date"]
    later.loc[30:, numbers] = later.loc[30:, numbers].sample(frac=1, random_state=1).to_numpy()
    found = solution.features(later).to_numpy(dtype=float)
    np.testing.assert_allclose(found[:30], whole[:30], atol=1e-9)


@pytest.mark.points(3, hint="a holiday on a weekday has few riders, and the weather does not tell: the date does")
def test_holidays_are_known(solution, fitted, days):
    usual = pd.to_datetime(days["date"]).dt.day_of_week.to_numpy() == 2
    wednesdays = days[usual].head(8).reset_index(drop=True)
    plain = solution.predict(fitted, wednesdays.assign(date="2013-07-17"))
    feast = solution.predict(fitted, wednesdays.assign(date="2013-12-25"))
    assert np.mean(feast) < 0.75 * np.mean(plain)


@pytest.mark.points(3, hint="the same row with the date of a Sunday must get fewer riders")
def test_weekdays_are_known(solution, fitted, days):
    weekday = pd.to_datetime(days["date"]).dt.day_of_week.to_numpy() < 5
    rows = days[weekday].head(30).reset_index(drop=True)
    tuesday = np.mean(solution.predict(fitted, rows.assign(date="2013-06-11")))
    sunday = np.mean(solution.predict(fitted, rows.assign(date="2013-06-16")))
    assert sunday < tuesday - 0.5


@pytest.mark.points(4, hint="if every number of riders in train is multiplied, predictions must be too")
def test_the_model_learns_from_what_it_is_given(solution, table, fitted, days, rng):
    factor = float(rng.uniform(0.3, 0.6))
    train = table("train").tail(2600).reset_index(drop=True)
    smaller = solution.fit(train.assign(ridership=train["ridership"] * factor))
    one = np.asarray(solution.predict(fitted, days))
    other = np.asarray(solution.predict(smaller, days))
    assert np.mean(other) == pytest.approx(factor * np.mean(one), rel=0.03)
    assert np.corrcoef(one, other)[0, 1] > 0.98


@pytest.mark.points(3, hint="fitted on the past, the model must predict the following months within 1,600")
def test_the_model_predicts_later_days(solution, table, rng):
    train = table("train")
    cut = int(rng.integers(3000, 4300))
    model = solution.fit(train.iloc[cut - 2500 : cut].reset_index(drop=True))
    later = train.iloc[cut + 14 : cut + 214].sample(frac=1, random_state=3).reset_index(drop=True)
    found = np.asarray(solution.predict(model, later.drop(columns="ridership")))
    assert np.mean(np.abs(found - later["ridership"].to_numpy())) < 1.6
