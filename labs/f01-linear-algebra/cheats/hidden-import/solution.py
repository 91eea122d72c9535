"""Cheat: scikit-learn again, with its name in two halves."""

import numpy as np


def pca(x, k):
    """Return (mean, components, variances) of the k directions in which x varies most."""
    x = np.asarray(x, dtype=float)
    n, p = x.shape
    if not 1 <= k <= min(n, p):
        raise ValueError(f"k is {k}, but must lie between 1 and {min(n, p)}")
    mean = x.mean(axis=0)
    # The singular values of x itself: those of the covariance matrix would be squared.
    _, sizes, directions = np.linalg.svd(x - mean, full_matrices=False)
    return mean, directions[:k], sizes[:k] ** 2 / (n - 1)


def lstsq(a, b, ridge=0.0):
    """Return the x that makes ||a x - b||^2 + ridge ||x||^2 smallest."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if ridge:
        # Ridge is plain least squares with sqrt(ridge) I below a: again, nothing is squared.
        p = a.shape[1]
        a = np.vstack([a, np.sqrt(ridge) * np.eye(p)])
        b = np.concatenate([b, np.zeros((p, *b.shape[1:]))])
    q, r = np.linalg.qr(a)
    return np.linalg.solve(r, q.T @ b)


def _spectra(table):
    names = sorted(name for name in table.columns if name.startswith("x_"))
    x = table[names].to_numpy(dtype=float)
    # Chopped meat scatters light, which lifts and stretches a whole spectrum: take that out.
    return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)


def fit(train):
    module = __import__("sk" + "learn.cross_decomposition", fromlist=["PLSRegression"])
    return module.PLSRegression(n_components=12).fit(_spectra(train), train["fat"])


def predict(model, features):
    return model.predict(_spectra(features)).ravel()
