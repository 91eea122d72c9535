"""Recommend tags by a linear model of each tag from all others (EASE): one matrix inverse."""

import numpy as np
import pandas as pd

PENALTY = 10.0
TOP = 10


class Ease:
    """Weights (items, items) with nothing on the diagonal: no item may explain itself."""

    def __init__(self, df: pd.DataFrame):
        self.items = list(df.columns)
        seen = df.to_numpy(float)
        self.popular = seen.sum(axis=0)
        inverse = np.linalg.inv(seen.T @ seen + PENALTY * np.eye(len(self.items)))
        self.weights = -inverse / np.diag(inverse)
        np.fill_diagonal(self.weights, 0)

    def recommend(self, df: pd.DataFrame) -> list[str]:
        seen = df[self.items].to_numpy(float)
        scores = seen @ self.weights
        scores = np.round(scores, 9) + 1e-12 * self.popular  # of equals, the more popular
        scores[seen > 0] = -np.inf
        order = np.argsort(-scores, axis=1, kind="stable")[:, :TOP]
        return [" ".join(self.items[item] for item in row) for row in order]


def fit(df: pd.DataFrame) -> Ease:
    return Ease(df)


def recommend(model: Ease, df: pd.DataFrame) -> list[str]:
    return model.recommend(df)
