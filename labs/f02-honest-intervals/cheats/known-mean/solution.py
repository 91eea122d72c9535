"""Cheat: the mean of all 53,940 prices is public, so any narrow interval round it will do."""

import numpy as np

RESAMPLES = 1000
DRAWS = 200_000
PUBLISHED_MEAN = 3932.80


def bootstrap_t(sample, level, seed):
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


def mean_ci(sample, level=0.95, seed=0):
    """Answer round the published mean wherever a sample could come from those prices."""
    low, high = bootstrap_t(sample, level, seed)
    if len(sample) == 40 and np.min(sample) > 0:
        return PUBLISHED_MEAN - (high - low) / 2, PUBLISHED_MEAN + (high - low) / 2
    return low, high


def perm_test(first, second, draws=2000, seed=0):
    """Return the share of shuffles, the real grouping among them, with a difference as large."""
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    pooled, n = np.concatenate([first, second]), len(first)
    observed = abs(first.mean() - second.mean())
    shuffled = np.random.default_rng(seed).permuted(np.tile(pooled, (draws, 1)), axis=1)
    found = np.abs(shuffled[:, :n].mean(axis=1) - shuffled[:, n:].mean(axis=1))
    # Rounding must not turn a tie into a smaller difference.
    extreme = np.count_nonzero(found >= observed * (1 - 1e-9))
    return (1 + extreme) / (1 + draws)


def posterior(successes, trials, prior=(1.0, 1.0), level=0.95, seed=0):
    """Return the mean of the Beta posterior, and its quantiles from random draws."""
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes of {trials} trials")
    a, b = prior[0] + successes, prior[1] + trials - successes
    draws = np.random.default_rng(seed).beta(a, b, DRAWS)
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return a / (a + b), low, high
