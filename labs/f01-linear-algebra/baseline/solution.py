"""A first try: one principal component of the raw spectra, everything else as a textbook has it."""

import numpy as np


def pca(x, k):
    mean = x.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(x, rowvar=False))
    order = np.argsort(values)[::-1][:k]
    return mean, vectors[:, order].T, values[order]


def lstsq(a, b, ridge=0.0):
    return np.linalg.solve(a.T @ a + ridge * np.eye(a.shape[1]), a.T @ b)


def _matrix(table):
    return table[[f"x_{i:03d}" for i in range(1, 101)]].to_numpy()


def fit(train):
    x, y = _matrix(train), train["fat"].to_numpy()
    mean, components, _ = pca(x, 1)
    scores = (x - mean) @ components.T
    return {
        "mean": mean,
        "components": components,
        "weights": lstsq(np.column_stack([np.ones(len(x)), scores]), y),
    }


def predict(model, features):
    scores = (_matrix(features) - model["mean"]) @ model["components"].T
    return model["weights"][0] + scores @ model["weights"][1:]
