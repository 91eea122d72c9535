"""Checks you can read and run with `labrun check`; the hidden ones are of the same kind."""

import numpy as np
import pandas as pd
import pytest

DAYS = pd.date_range("2020-01-01", periods=12).strftime("%Y-%m-%d").to_numpy()


@pytest.mark.points(3, hint="train on what lies more than `gap` days before the first day of the test")
def test_a_split_tests_on_the_future(solution):
    splits = solution.time_splits(DAYS, folds=2, gap=1)
    assert [np.asarray(test).tolist() for _, test in splits] == [[4, 5, 6, 7], [8, 9, 10, 11]]
    assert [np.asarray(train).tolist() for train, _ in splits] == [[0, 1, 2], [0, 1, 2, 3, 4, 5, 6]]


@pytest.mark.points(3, hint="the mean of 2 days, the later of them 3 days before")
def test_a_delayed_mean(solution):
    found = np.asarray(solution.delayed_mean(DAYS[:7], np.arange(7.0), days=2, delay=3))
    np.testing.assert_allclose(found, [np.nan, np.nan, np.nan, 0.0, 0.5, 1.5, 2.5])


@pytest.mark.points(2, hint="Clark_Lake is ridership, delayed by 14 days: can you make it yourself?")
def test_a_given_column_is_a_delayed_value(solution, table):
    train = table("train")
    made = np.asarray(solution.delayed_mean(train["date"].to_numpy(), train["ridership"].to_numpy()))
    np.testing.assert_allclose(made[14:], train["Clark_Lake"].to_numpy()[14:], atol=1e-6)


@pytest.mark.points(2, hint="features must be numbers, a row for each day in its order, no ridership")
def test_features_are_numbers(solution, table):
    days = table("features").head(30)
    found = solution.features(days)
    assert len(found) == 30
    assert np.isfinite(found.to_numpy(dtype=float)).all()
    assert "ridership" not in solution.features(table("train").head(30)).columns
