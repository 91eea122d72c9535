"""What most people hand in first: a straight line through two columns, in dollars."""

import numpy as np
from sklearn.linear_model import LinearRegression

COLUMNS = ["Gr_Liv_Area", "Year_Built"]


def rmsle(actual, predicted):
    return float(np.sqrt(np.mean((np.log1p(actual) - np.log1p(predicted)) ** 2)))


def fit(df):
    return LinearRegression().fit(df[COLUMNS], df["Sale_Price"])


def predict(model, df):
    return np.maximum(model.predict(df[COLUMNS]), 10_000)
