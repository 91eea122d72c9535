"""Mistake: looks the neighbourhood up in a table of train, and stumbles over a new one."""

import numpy as np
from sklearn.linear_model import LinearRegression

COLUMNS = ["Gr_Liv_Area", "Year_Built", "Total_Bsmt_SF", "Garage_Area", "Full_Bath"]


def rmsle(actual, predicted):
    return float(np.sqrt(np.mean((np.log1p(actual) - np.log1p(predicted)) ** 2)))


def table(df, level):
    place = [level[name] for name in df["Neighborhood"]]
    return df[COLUMNS].assign(place=place)


def fit(df):
    logs = np.log(df["Sale_Price"])
    level = logs.groupby(df["Neighborhood"]).mean().to_dict()
    return level, LinearRegression().fit(table(df, level), logs)


def predict(model, df):
    level, line = model
    return np.exp(line.predict(table(df, level)))
