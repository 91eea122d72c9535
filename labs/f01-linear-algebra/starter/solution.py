"""Fat in meat from a spectrum: fill in the four functions. NumPy only."""

import numpy as np


def pca(x, k):
    """Return (mean, components, variances) of the k directions in which x varies most.

    x is (n, p). mean is (p,); components is (k, p), its rows orthonormal; variances is (k,),
    the sample variance (divided by n - 1) along each, largest first.
    Raises ValueError unless 1 <= k <= min(n, p).
    """
    # This takes the first k columns as they are. They are neither orthonormal nor the best.
    return x.mean(axis=0), np.eye(k, x.shape[1]), x.var(axis=0, ddof=1)[:k]


def lstsq(a, b, ridge=0.0):
    """Return the x that makes ||a x - b||^2 + ridge ||x||^2 smallest.

    a is (n, p) with full column rank, b is (n,) or (n, m); x is (p,) or (p, m).
    """
    # The normal equations. What happens to them when a is nearly singular?
    return np.linalg.inv(a.T @ a) @ (a.T @ b)


def fit(train):
    """Learn from a table with columns x_001 … x_100 and fat; return a model (any plain object)."""
    return {"mean_fat": float(train["fat"].mean())}


def predict(model, features):
    """Return the fat content of each row of a table with columns x_001 … x_100."""
    return np.full(len(features), model["mean_fat"])
