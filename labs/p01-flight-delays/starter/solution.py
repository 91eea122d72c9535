"""Lab p01-flight-delays: start here. This file runs, and earns little."""

import numpy as np
import pandas as pd


def clean(df: pd.DataFrame) -> pd.DataFrame:
    """Return the flights of df once each, with tidy carriers and distances in miles."""
    return df.copy()


def fit(train: pd.DataFrame, weather: pd.DataFrame, planes: pd.DataFrame):
    """Learn from the flights of January to September; train has the column late (1 or 0)."""
    # This "model" is one number. Replace it by anything that pickle can save, for example
    # a scikit-learn pipeline or an object of a class that stands in this file.
    return float(train["late"].mean())


def predict_proba(
    model, df: pd.DataFrame, weather: pd.DataFrame, planes: pd.DataFrame
) -> np.ndarray:
    """Return for each row of df, in its order, the probability that the flight arrives late."""
    return np.full(len(df), model)
