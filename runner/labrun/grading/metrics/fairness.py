"""Metrics over groups of people: whether errors fall on them alike."""

from typing import Any

import numpy as np

from labrun.grading.bootstrap import of_cells, totals
from labrun.grading.metric import metric
from labrun.grading.pairs import Takes
from labrun.grading.predictions import Array
from labrun.grading.uncertainty import Interval
from labrun.grading.weighed import of_table


def odds_gaps(counts: Array, rows: Array, columns: Array) -> Array:
    """Return the gap (draws,); see `of_cells` for the arguments. NaN where a group has no row."""
    k = int(rows.max()) + 1  # two a group: its rows of answer 0, then those of answer 1
    rates = totals(counts * (columns == 1), rows, k) / totals(counts, rows, k)
    by_group = rates.reshape(len(counts), -1, 2)
    found: Array = (by_group.max(axis=1) - by_group.min(axis=1)).max(axis=1)
    return found


def _interval(
    truth: Array, decided: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    return of_cells(truth, decided, odds_gaps, rng, groups)


@metric(
    "equalised_odds_gap",
    takes=Takes.GROUPED,
    interval=_interval,
    weighed=of_table(odds_gaps),
    best=0,
    worst=1,
    example=(["men 0", "men 1", "men 1", "women 0", "women 1"], [0, 1, 0, 0, 1], 0.5),
)
def equalised_odds_gap(truth: Array, decided: Array, _params: Any) -> float:
    """Return how far groups are apart in true or in false positive rate, whichever is more.

    Of more than two groups, the best and the worst are compared: Hardt, Price and Srebro, NeurIPS
    2016, as fairlearn's ``equalized_odds_difference`` computes it.
    """
    cells, counts = np.unique(2 * truth + decided, return_counts=True)
    return float(odds_gaps(counts[None, :].astype(float), cells // 2, cells % 2)[0])
