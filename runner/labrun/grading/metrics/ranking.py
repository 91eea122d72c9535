"""Metrics over ranked lists of items, one a row."""

from typing import Any

import numpy as np

from labrun.grading.bootstrap import of_rows
from labrun.grading.metric import metric
from labrun.grading.pairs import MOST_RANKED, Takes
from labrun.grading.predictions import Array
from labrun.grading.uncertainty import Interval
from labrun.grading.weighed import of_means

DISCOUNTS = 1 / np.log2(np.arange(MOST_RANKED) + 2)
IDEAL = np.cumsum(DISCOUNTS)


def _gains(right: Array, hits: Array) -> Array:
    found: Array = hits @ DISCOUNTS / IDEAL[np.minimum(right, MOST_RANKED) - 1]
    return found


def _interval(
    right: Array, hits: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    return of_rows(_gains(right, hits).reshape(-1, 1), lambda means: means[:, 0], rng, groups)


@metric(
    "ndcg_at_10",
    takes=Takes.RANKINGS,
    interval=_interval,
    weighed=of_means(lambda right, hits, _params: _gains(right, hits)),
    best=1,
    worst=0,
    example=(["a b", "c"], ["a b", "d c"], (1 + 1 / np.log2(3)) / 2),
)
def ndcg_at_10(right: Array, hits: Array, _params: Any) -> float:
    """Return the mean gain of the right items, discounted by place, of the most it could be."""
    return float(_gains(right, hits).mean())
