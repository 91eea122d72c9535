"""Do splits and delayed values keep to the past? Days differ from run to run."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def days(rng):
    """Return distinct days with holes, in no special order, as texts."""
    first = pd.Timestamp("2010-01-01") + pd.Timedelta(days=int(rng.integers(2000)))
    picked = first + pd.to_timedelta(rng.choice(400, 200, replace=False), unit="D")
    return picked.strftime("%Y-%m-%d").to_numpy()


def as_days(dates):
    return pd.to_datetime(dates).to_numpy()


@pytest.mark.points(4, hint="no training day may come after a day of its test, wherever rows stand")
def test_training_days_come_before_the_test(solution, days):
    dates = as_days(days)
    splits = solution.time_splits(days, folds=4, gap=0)
    assert len(splits) == 4
    for train, test in splits:
        train, test = np.asarray(train), np.asarray(test)
        assert len(train) >= 30
        assert len(test) >= 30
        assert dates[train].max() < dates[test].min()


@pytest.mark.points(4, hint="leave out of train the `gap` days before the test: they are not known yet")
def test_the_gap_is_kept(solution, days, rng):
    dates, gap = as_days(days), int(rng.integers(5, 40))
    for train, test in solution.time_splits(days, folds=3, gap=gap):
        wanted = np.flatnonzero(dates < dates[np.asarray(test)].min() - np.timedelta64(gap, "D"))
        np.testing.assert_array_equal(np.sort(np.asarray(train)), wanted)


@pytest.mark.points(3, hint="folds + 1 blocks of consecutive days, equal but for one row; test all but the first")
def test_every_later_day_is_tested_once(solution, days, rng):
    dates, folds = as_days(days), int(rng.integers(2, 7))
    splits = solution.time_splits(days, folds=folds, gap=3)
    tested = [np.asarray(test) for _, test in splits]
    every = np.concatenate(tested)
    assert len(set(every.tolist())) == len(every)
    sizes = [len(days) - len(every), *(len(test) for test in tested)]
    assert max(sizes) - min(sizes) <= 1
    np.testing.assert_array_equal(dates[every[np.argsort(dates[every])]], np.sort(dates)[sizes[0] :])
    for before, after in zip(tested[:-1], tested[1:], strict=True):
        assert dates[before].max() < dates[after].min()


@pytest.mark.points(5, hint="delayed_mean: days count by the calendar, not by rows; rows stand anywhere")
def test_delayed_means_go_by_the_calendar(solution, days, rng):
    dates, values = as_days(days), rng.normal(size=len(days))
    span, delay = int(rng.integers(2, 20)), int(rng.integers(1, 20))
    found = np.asarray(solution.delayed_mean(days, values, days=span, delay=delay))
    for row in range(0, len(days), 7):
        age = (dates[row] - dates) / np.timedelta64(1, "D")
        inside = (age >= delay) & (age < delay + span)
        wanted = values[inside].mean() if inside.any() else np.nan
        np.testing.assert_allclose(found[row], wanted, atol=1e-9)


@pytest.mark.points(3, hint="a missing value does not count; where nothing is known the mean is NaN")
def test_missing_values_do_not_count(solution, days, rng):
    values = np.where(rng.random(len(days)) < 0.4, np.nan, rng.normal(size=len(days)))
    found = np.asarray(solution.delayed_mean(days, values, days=5, delay=2))
    dates = as_days(days)
    for row in range(0, len(days), 5):
        age = (dates[row] - dates) / np.timedelta64(1, "D")
        inside = (age >= 2) & (age < 7) & ~np.isnan(values)
        wanted = values[inside].mean() if inside.any() else np.nan
        np.testing.assert_allclose(found[row], wanted, atol=1e-9)


@pytest.mark.points(5, hint="what is known on a day must not change when later days change")
def test_the_future_changes_nothing(solution, days, rng):
    dates, values = as_days(days), rng.normal(size=len(days))
    now = np.sort(dates)[120]
    changed = np.where(dates > now, rng.normal(size=len(days)) + 50, values)
    before = np.asarray(solution.delayed_mean(days, values, days=14, delay=1))
    after = np.asarray(solution.delayed_mean(days, changed, days=14, delay=1))
    np.testing.assert_allclose(before[dates <= now], after[dates <= now], atol=1e-9)
    assert np.nanmax(np.abs(before - after)) > 1
