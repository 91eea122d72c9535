"""Metrics over clusters, whose names mean nothing."""

from typing import Any

import numpy as np

from labrun.grading.bootstrap import of_cells, totals
from labrun.grading.metric import metric
from labrun.grading.pairs import Takes
from labrun.grading.predictions import Array
from labrun.grading.uncertainty import Interval
from labrun.grading.weighed import of_table


def adjusted_rand(counts: Array, rows: Array, columns: Array) -> Array:
    """Return the adjusted Rand index (draws,) of tables given by cells; Hubert and Arabie 1985."""
    true = _pairs(totals(counts, rows, int(rows.max()) + 1))
    found = _pairs(totals(counts, columns, int(columns.max()) + 1))
    by_chance = true * found / np.maximum(counts.sum(axis=1) * (counts.sum(axis=1) - 1) / 2, 1)
    most = (true + found) / 2
    index: Array = np.where(
        most == by_chance, 1.0, (_pairs(counts) - by_chance) / (most - by_chance)
    )
    return index


def _pairs(counts: Array) -> Array:
    found: Array = (counts * (counts - 1) / 2).sum(axis=1)
    return found


def _interval(
    truth: Array, predicted: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    return of_cells(truth, predicted, adjusted_rand, rng, groups)


@metric(
    "ari",
    takes=Takes.CLUSTERS,
    interval=_interval,
    weighed=of_table(adjusted_rand),
    best=1,
    worst=-0.5,
    example=([0, 0, 1, 2], [0, 0, 1, 1], 4 / 7),
)
def ari(truth: Array, predicted: Array, _params: Any) -> float:
    """Return the adjusted Rand index of two partitions."""
    # In whole numbers of ordered pairs, as scikit-learn does: no digit is lost.
    cells = np.unique(truth * (int(predicted.max()) + 1) + predicted, return_counts=True)[1]
    both, by_truth, by_found = (
        sum(int(each) ** 2 for each in counts)
        for counts in (cells, np.bincount(truth), np.bincount(predicted))
    )
    n = len(truth)
    together, split, joined = both - n, by_truth - both, by_found - both
    apart = n * n - split - joined - both
    if split == joined == 0:
        return 1.0
    most = (together + split) * (split + apart) + (together + joined) * (joined + apart)
    return 2 * (together * apart - split * joined) / most
