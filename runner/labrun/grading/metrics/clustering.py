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
    from sklearn.metrics import adjusted_rand_score  # noqa: PLC0415  (slow to import)

    return float(adjusted_rand_score(truth, predicted))
