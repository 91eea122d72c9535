"""Fat in meat by principal component regression, from a singular value decomposition."""

import numpy as np

FOLDS = 5
REPEATS = 4
MOST = 30


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


def _regress(x, y, k):
    mean, components, variances = pca(x, k)
    scales = np.sqrt(variances)
    scores = (x - mean) @ components.T / scales
    weights = lstsq(np.column_stack([np.ones(len(x)), scores]), y)
    slope = components.T @ (weights[1:] / scales)
    return weights[0] - mean @ slope, slope


def _squared_error(x, y, k, fold):
    total = 0.0
    for number in range(FOLDS):
        seen = fold != number
        intercept, slope = _regress(x[seen], y[seen], k)
        total += np.sum((intercept + x[~seen] @ slope - y[~seen]) ** 2)
    return total


def fit(train):
    """Choose the number of components by repeated cross-validation, then use all rows."""
    x, y = _spectra(train), train["fat"].to_numpy(dtype=float)
    rng = np.random.default_rng(0)
    folds = [rng.permutation(len(y)) % FOLDS for _ in range(REPEATS)]
    most = min(MOST, len(y) * (FOLDS - 1) // FOLDS - 2)
    errors = [sum(_squared_error(x, y, k, f) for f in folds) for k in range(1, most + 1)]
    k = 1 + int(np.argmin(errors))
    intercept, slope = _regress(x, y, k)
    return {"intercept": float(intercept), "slope": slope, "k": k}


def predict(model, features):
    """Return the fat content of each row."""
    return model["intercept"] + _spectra(features) @ model["slope"]
