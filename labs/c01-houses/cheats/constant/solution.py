"""Cheat: one good guess for all houses. It satisfies every form check and knows nothing."""

import numpy as np


def rmsle(actual, predicted):
    actual, predicted = np.asarray(actual, float), np.asarray(predicted, float)
    if actual.shape != predicted.shape or (actual < 0).any() or (predicted < 0).any():
        raise ValueError("prices and predictions must match and not be negative")
    return float(np.sqrt(np.mean((np.log1p(actual) - np.log1p(predicted)) ** 2)))


def fit(df):
    return float(np.exp(np.log(df["Sale_Price"]).mean()))


def predict(model, df):
    return np.full(len(df), model)
