"""Metrics over clusters, whose names mean nothing."""

from typing import Any

import numpy as np

from labrun.grading.metric import Array, Interval, Takes, metric
from labrun.grading.uncertainty import of_counts


def adjusted_rand(tables: Array) -> Array:
    """Return the adjusted Rand index of (draws, r, c) tables (Hubert and Arabie 1985)."""

    def pairs(counts: Array) -> Array:
        found: Array = counts * (counts - 1) / 2
        return found

    n = tables.sum(axis=(1, 2))
    cells = pairs(tables).sum(axis=(1, 2))
    rows, columns = pairs(tables.sum(axis=2)).sum(axis=1), pairs(tables.sum(axis=1)).sum(axis=1)
    by_chance = rows * columns / np.maximum(pairs(n), 1)
    most = (rows + columns) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.where(most == by_chance, 1.0, (cells - by_chance) / (most - by_chance))
    return found


def _interval(
    truth: Array, predicted: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    t = np.unique(truth, return_inverse=True)[1]
    p = np.unique(predicted, return_inverse=True)[1]
    return of_counts(t, p, adjusted_rand, rng, groups)


@metric(
    "ari",
    takes=Takes.CLUSTERS,
    interval=_interval,
    best=1,
    worst=-0.5,
    example=([0, 0, 1, 2], [0, 0, 1, 1], 4 / 7),
)
def ari(truth: Array, predicted: Array, _params: Any) -> float:
    """Return the adjusted Rand index of two partitions."""
    from sklearn.metrics import adjusted_rand_score  # noqa: PLC0415  (slow to import)

    return float(adjusted_rand_score(truth, predicted))
