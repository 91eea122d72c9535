"""The bestsellers for everybody, without those that one has."""

import numpy as np


def fit(df):
    return df.sum()


def recommend(model, df):
    scores = np.where(df[model.index] > 0, -1, model.to_numpy())
    order = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    return [" ".join(model.index[row]) for row in order]
