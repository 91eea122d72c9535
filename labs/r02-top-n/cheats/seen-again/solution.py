"""Mistake: what a package has already is recommended to it again."""

import numpy as np


def fit(df):
    seen = df.to_numpy(float)
    inverse = np.linalg.inv(seen.T @ seen + 10 * np.eye(seen.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return list(df.columns), weights


def recommend(model, df):
    items, weights = model
    order = np.argsort(-(df[items].to_numpy(float) @ weights), axis=1, kind="stable")[:, :10]
    return [" ".join(items[item] for item in row) for row in order]
