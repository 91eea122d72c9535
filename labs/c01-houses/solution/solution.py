"""Predict sale prices: a ridge and a boosted-tree model of the log price, averaged."""

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, PowerTransformer

TARGET = "Sale_Price"
LARGEST = 4000  # square feet; the few larger houses in train were sold far below their worth


def rmsle(actual, predicted):
    """Return the root mean squared difference of log(1 + price)."""
    actual, predicted = np.asarray(actual, float), np.asarray(predicted, float)
    if actual.shape != predicted.shape:
        raise ValueError(f"{actual.shape} prices but {predicted.shape} predictions")
    if len(actual) == 0 or (actual < 0).any() or (predicted < 0).any():
        raise ValueError("prices must not be negative, and there must be some")
    return float(np.sqrt(np.mean((np.log1p(actual) - np.log1p(predicted)) ** 2)))


def features(df):
    """Return the columns with what a buyer would work out from them."""
    area = df["Gr_Liv_Area"] + df["Total_Bsmt_SF"]
    baths = df["Full_Bath"] + df["Bsmt_Full_Bath"] + 0.5 * (df["Half_Bath"] + df["Bsmt_Half_Bath"])
    return df.drop(columns=TARGET, errors="ignore").assign(
        Total_Area=area,
        Total_Baths=baths,
        Age=df["Year_Sold"] - df["Year_Built"],
        Since_Remodel=df["Year_Sold"] - df["Year_Remod_Add"],
    )


def columns(scale_numbers, encode_text):
    """Return a step that fills gaps and turns both kinds of columns into numbers."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), *scale_numbers)
    text = make_pipeline(SimpleImputer(strategy="constant", fill_value="none"), encode_text)
    return make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (text, make_column_selector(dtype_exclude="number")),
    )


class Prices:
    """Both models, fitted; every number they need was learned from train."""

    def __init__(self):
        one_hot = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=8)
        ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        trees = GradientBoostingRegressor(
            n_estimators=500,
            learning_rate=0.04,
            max_depth=4,
            subsample=0.6,
            max_features=0.2,
            random_state=0,
        )
        self.models = [
            make_pipeline(columns([PowerTransformer()], one_hot), RidgeCV(np.logspace(-1, 3, 13))),
            make_pipeline(columns([], ordinal), trees),
        ]

    def fit(self, df):
        df = df[df["Gr_Liv_Area"] <= LARGEST]
        X, y = features(df), np.log(df[TARGET])
        self.names, self.lowest, self.highest = list(X.columns), y.min() - 0.5, y.max() + 0.5
        self.text = list(X.select_dtypes(exclude="number"))
        for model in self.models:
            model.fit(X, y)
        return self

    def predict(self, df):
        X = features(df)[self.names]
        X[self.text] = X[self.text].astype("str")  # a column that is empty here arrives as numbers
        logs = np.mean([model.predict(X) for model in self.models], axis=0)
        return np.exp(np.clip(logs, self.lowest, self.highest))


def fit(df: pd.DataFrame) -> Prices:
    return Prices().fit(df)


def predict(model: Prices, df: pd.DataFrame) -> np.ndarray:
    return model.predict(df)
