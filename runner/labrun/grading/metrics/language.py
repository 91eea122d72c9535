"""Metrics over probabilities of what comes next."""

from typing import Any

import numpy as np

from labrun.grading.bootstrap import of_rows
from labrun.grading.metric import metric
from labrun.grading.pairs import Takes
from labrun.grading.predictions import Array
from labrun.grading.uncertainty import Interval
from labrun.grading.weighed import of_means

LEAST = 1e-15  # as `log_loss` has it: what was held for impossible costs 50 bits


def _bits(given: Array) -> Array:
    found: Array = -np.log2(np.maximum(given, LEAST)) + 0.0  # never -0
    return found


def _interval(
    _truth: Array, given: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    return of_rows(_bits(given).reshape(-1, 1), lambda means: means[:, 0], rng, groups)


@metric(
    "bits_per_symbol",
    takes=Takes.DISTRIBUTIONS,
    interval=_interval,
    weighed=of_means(lambda _truth, given, _params: _bits(given)),
    best=0,
    worst=np.inf,
    example=([0, 1], [[0.5, 0.5], [0.75, 0.25]], 1.5),
)
def bits_per_symbol(_truth: Array, given: Array, _params: Any) -> float:
    """Return the mean of -log2 of the probability that the true symbol was given."""
    return float(_bits(given).mean())
