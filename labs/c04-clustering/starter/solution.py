"""Find the groups in a table of measurements: fill in the three functions."""

import numpy as np


def standardise(table):
    """Return the columns of a numeric table as an (n, p) array with mean 0 and variance 1.

    Variances divide by n. A constant column becomes zeros.
    """
    return table.to_numpy(dtype=float)


def agreement(first, second):
    """Return the adjusted Rand index of two groupings of the same n rows.

    1 if they are the same up to the names of the groups, about 0 if they are unrelated.
    Groups may be called by numbers or text. Where both have one group only, it is 1.
    """
    return float(np.mean(np.asarray(first) == np.asarray(second)))


def cluster(table, k):
    """Return n group numbers, 0 to k - 1, for the rows of a numeric table."""
    return np.arange(len(table)) % k
