"""Mistake: learns the log of the price and forgets to turn its answers back into dollars."""

import numpy as np
from sklearn.linear_model import LinearRegression

COLUMNS = ["Gr_Liv_Area", "Year_Built", "Total_Bsmt_SF", "Garage_Area", "Full_Bath"]


def rmsle(actual, predicted):
    return float(np.sqrt(np.mean((np.log1p(actual) - np.log1p(predicted)) ** 2)))


def fit(df):
    return LinearRegression().fit(df[COLUMNS], np.log(df["Sale_Price"]))


def predict(model, df):
    return model.predict(df[COLUMNS])
