"""Intervals: Wilson, DeLong, and bootstraps that resample counts or rows all at once."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from labrun.grading.metric import LEVEL, Array, Interval

DRAWS = 1000
CHUNK = 100  # draws at a time: 100 x 10,000 rows are 8 MB
Z = 1.959963984540054  # the normal quantile of LEVEL
TAILS = (50 * (1 - LEVEL), 50 * (1 + LEVEL))


def wilson(hits: int, n: int) -> Interval:
    """Return Wilson's score interval of a proportion (Wilson 1927)."""
    p = hits / n
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return Interval(max(0.0, middle - half), min(1.0, middle + half), "wilson")


def delong(truth: Array, scores: Array) -> Interval:
    """Return DeLong's interval of the area under the ROC curve, in n log n.

    ``truth`` is 0 or 1. Midranks as in Sun and Xu, IEEE Signal Processing Letters 21 (2014).
    """
    positive, negative = scores[truth == 1], scores[truth == 0]
    m, n = len(positive), len(negative)
    if m < 2 or n < 2:  # noqa: PLR2004
        return Interval(0.0, 1.0, "delong")
    ranks = midranks(np.concatenate([positive, negative]))
    area = (ranks[:m].sum() - m * (m + 1) / 2) / (m * n)
    by_positive = (ranks[:m] - midranks(positive)) / n
    by_negative = 1 - (ranks[m:] - midranks(negative)) / m
    error = math.sqrt(by_positive.var(ddof=1) / m + by_negative.var(ddof=1) / n)
    return Interval(max(0.0, area - Z * error), min(1.0, area + Z * error), "delong")


def midranks(values: Array) -> Array:
    """Return the rank of each value from 1, ties sharing their mean rank."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middle: Array = (ends - (counts - 1) / 2)[where]
    return middle


def percentile(draws: Array, method: str) -> Interval:
    """Return the percentile interval of bootstrap values; draws without a value do not count."""
    found = draws[np.isfinite(draws)]
    if not len(found):
        return Interval(-math.inf, math.inf, method)
    low, high = np.percentile(found, TAILS)
    return Interval(float(low), float(high), method)


def of_rows(
    columns: Array, value: Callable[[Array], Array], rng: np.random.Generator, groups: Array | None
) -> Interval:
    """Bootstrap a function of means over rows.

    ``columns`` is (n, k); ``value`` maps (draws, k) means to (draws,) values.
    """
    if groups is not None:
        return percentile(value(_cluster_means(columns, rng, groups)), "bootstrap-clusters")
    n, means = len(columns), []
    flat = np.ascontiguousarray(columns.T, dtype=float)
    for size in _chunks():
        rows = rng.integers(0, n, (size, n), dtype=np.int32)
        means.append(np.stack([column[rows].mean(axis=1) for column in flat], axis=1))
    return percentile(value(np.concatenate(means)), "bootstrap")


def of_counts(
    truth: Array,
    predicted: Array,
    value: Callable[[Array], Array],
    rng: np.random.Generator,
    groups: Array | None,
) -> Interval:
    """Bootstrap a function of the table of truth by prediction, stratified by truth.

    ``truth`` (n,) in 0..r-1, ``predicted`` (n,) in 0..c-1; ``value`` maps (draws, r, c) counts to
    (draws,). Drawing cells is drawing rows, at the cost of the cells alone.
    """
    rows, columns = int(truth.max()) + 1, int(predicted.max()) + 1
    cells = truth * columns + predicted
    if groups is not None:
        one_hot = np.eye(rows * columns)[cells]
        found = [
            value((weights @ one_hot).reshape(-1, rows, columns))
            for weights in _cluster_weights(rng, groups)
        ]
        return percentile(np.concatenate(found), "bootstrap-clusters")
    table = np.bincount(cells, minlength=rows * columns).reshape(rows, columns)
    drawn = [rng.multinomial(int(row.sum()), row / max(row.sum(), 1), DRAWS) for row in table]
    return percentile(value(np.stack(drawn, axis=1)), "bootstrap-stratified")


def of_weights(
    strata: Array, value: Callable[[Array], Array], rng: np.random.Generator, groups: Array | None
) -> Interval:
    """Bootstrap a function of how often each row was drawn, stratified by ``strata``.

    ``value`` maps (draws, n) counts to (draws,) values.
    """
    if groups is not None:
        found = [value(weights) for weights in _cluster_weights(rng, groups)]
        return percentile(np.concatenate(found), "bootstrap-clusters")
    members = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    found = []
    for size in _chunks():
        weights = np.zeros((size, len(strata)))
        for rows in members:
            drawn = rng.integers(0, len(rows), (size, len(rows)), dtype=np.int32)
            weights[:, rows] = _tally(drawn, len(rows))
        found.append(value(weights))
    return percentile(np.concatenate(found), "bootstrap-stratified")


def paired_difference(
    losses: Array, others: Array, rng: np.random.Generator, groups: Array | None = None
) -> Interval:
    """Bootstrap the mean of ``losses - others``, two submissions on the same rows (n,)."""
    difference = (losses - others).reshape(-1, 1)
    return of_rows(difference, lambda means: means[:, 0], rng, groups)


def _chunks() -> Iterator[int]:
    done = 0
    while done < DRAWS:
        yield min(CHUNK, DRAWS - done)
        done += CHUNK


def _tally(drawn: Array, n: int) -> Array:
    offset = np.arange(len(drawn))[:, None] * n
    return np.bincount((drawn + offset).ravel(), minlength=len(drawn) * n).reshape(-1, n)


def _cluster_weights(rng: np.random.Generator, groups: Array) -> Iterator[Array]:
    names, where = np.unique(groups, return_inverse=True)
    for size in _chunks():
        drawn = rng.integers(0, len(names), (size, len(names)), dtype=np.int32)
        yield _tally(drawn, len(names))[:, where].astype(float)


def _cluster_means(columns: Array, rng: np.random.Generator, groups: Array) -> Array:
    names, where = np.unique(groups, return_inverse=True)
    sums = np.stack([np.bincount(where, column, len(names)) for column in columns.T], axis=1)
    sizes = np.bincount(where, minlength=len(names)).astype(float)
    found: list[Any] = []
    for size in _chunks():
        weights = _tally(
            rng.integers(0, len(names), (size, len(names)), dtype=np.int32), len(names)
        )
        found.append((weights @ sums) / (weights @ sizes)[:, None])
    return np.concatenate(found)
