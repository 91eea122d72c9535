"""Riders of a day from its calendar, its weather and the day two weeks before."""

import numpy as np
import pandas as pd
from pandas.tseries.holiday import USFederalHolidayCalendar
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

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


def _holidays(dates):
    """Return the holidays round these dates."""
    margin = pd.Timedelta(days=60)  # no two are more than 105 days apart
    return USFederalHolidayCalendar().holidays(dates.min() - margin, dates.max() + margin)


def features(df):
    """Return numbers for each day, from its own row alone."""
    date = pd.to_datetime(df["date"])
    days = df.drop(columns=["date", TARGET], errors="ignore").astype(float)
    holidays = _holidays(date)
    weekday, month_day = date.dt.day_of_week, date.dt.month * 100 + date.dt.day
    days["weekday"], days["weekend"] = weekday, weekday >= 5
    days["day_of_year"], days["month"], days["year"] = date.dt.day_of_year, date.dt.month, date.dt.year
    days["holiday"] = date.isin(holidays)
    days["holiday_before"] = (date - pd.Timedelta(days=LAG)).isin(holidays)
    apart = np.abs(date.to_numpy()[:, None] - holidays.to_numpy()[None, :]).min(axis=1)
    days["near_holiday"] = np.minimum(apart / np.timedelta64(1, "D"), 4)
    days["christmas"] = month_day.between(1223, 1231) | (month_day == 101)
    days["christmas_before"] = month_day.between(106, 115)
    friday = (date.dt.month == 11) & (weekday == 4) & date.dt.day.between(23, 29)
    days["after_thanksgiving"] = friday
    return days.astype(float)


def _dummies(days):
    """Return the features with a column for each weekday and month, for a linear model."""
    parts = [days]
    for name, count in (("weekday", 7), ("month", 13)):
        hits = days[name].to_numpy()[:, None] == np.arange(count)
        parts.append(pd.DataFrame(hits, index=days.index).add_prefix(f"{name}_").astype(float))
    table = pd.concat(parts, axis=1)
    for day in range(7):
        table[f"holiday_on_{day}"] = table[f"weekday_{day}"] * days["holiday"]
    return table


class Riders:
    """Trees for what bends, a linear model for what goes on growing; the mean of both."""

    def __init__(self, train):
        days, riders = features(train), train[TARGET].to_numpy(dtype=float)
        self.columns = list(days.columns)
        self.scale = np.abs(riders).mean()
        self.trees = HistGradientBoostingRegressor(
            max_iter=300, learning_rate=0.06, max_leaf_nodes=15, loss="absolute_error", random_state=0
        ).fit(days, riders / self.scale)
        linear = make_pipeline(StandardScaler(), RidgeCV(np.logspace(0, 4, 9)))
        self.linear = linear.fit(_dummies(days), riders / self.scale)

    def predict(self, df):
        days = features(df)[self.columns]
        riders = 0.6 * self.trees.predict(days) + 0.4 * self.linear.predict(_dummies(days))
        return np.maximum(riders, 0) * self.scale


def fit(train):
    return Riders(train)


def predict(model, df):
    return model.predict(df)
