"""Riders of a day: fill in the functions. This file runs, and earns little."""

import numpy as np
import pandas as pd


def time_splits(dates, folds=5, gap=14):
    """Return [(train, test), …], arrays of row numbers, as the README says."""
    # Random folds. What do they know that nobody knew on the day?
    order = np.random.default_rng(0).permutation(len(dates))
    blocks = np.array_split(order, folds)
    return [(np.setdiff1d(order, test), test) for test in blocks]


def delayed_mean(dates, values, days=1, delay=14):
    """Return for each row the mean of the `days` days that end `delay` days before it, or NaN."""
    # Counts rows, not days.
    return pd.Series(values).shift(delay).rolling(days).mean().to_numpy()


def features(df: pd.DataFrame) -> pd.DataFrame:
    """Return a table of numbers, a row for each row of df, made from that row alone."""
    return df[["Clark_Lake", "temp"]].astype(float)


def fit(train: pd.DataFrame):
    """Learn from days with `ridership`; return a model that pickle can save."""
    return float(train["ridership"].median())


def predict(model, df: pd.DataFrame) -> np.ndarray:
    """Return the riders of each day of df, in thousands."""
    return np.full(len(df), model)
