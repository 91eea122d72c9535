"""Intervals in closed form: Wilson for proportions, DeLong for the area under the ROC curve."""

import math
from dataclasses import dataclass

import numpy as np

from labrun.domain.grade import Estimate
from labrun.grading.predictions import Array

LEVEL = 0.95
Z = 1.959963984540054  # the normal quantile of LEVEL
LEAST = 2


@dataclass(frozen=True)
class Interval:
    """A two-sided interval and how it was found."""

    low: float
    high: float
    method: str


def standard_error(estimate: Estimate) -> float:
    """Return the standard error an interval of `LEVEL` stands for, as if it were normal."""
    return (estimate.high - estimate.low) / (2 * Z)


def wilson(hits: int, n: int) -> Interval:
    """Return Wilson's score interval of a proportion (Wilson 1927)."""
    p = hits / n
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return Interval(max(0.0, middle - half), min(1.0, middle + half), "wilson")


def delong(truth: Array, scores: Array) -> Interval:
    """Return DeLong's interval of the area under the ROC curve, in n log n.

    ``truth`` is 0 or 1. Midranks as in Sun and Xu, IEEE Signal Processing Letters 21 (2014).
    Where the classes are told apart without error the variance is 0 however few the rows;
    Wilson's interval of the smaller class then says how little that proves.
    """
    positive, negative = scores[truth == 1], scores[truth == 0]
    m, n = len(positive), len(negative)
    if min(m, n) < LEAST:
        return Interval(0.0, 1.0, "delong")
    ranks = midranks(np.concatenate([positive, negative]))
    area = (ranks[:m].sum() - m * (m + 1) / 2) / (m * n)
    if area in (0, 1):
        few = wilson(min(m, n) * round(area), min(m, n))
        return Interval(few.low, few.high, "wilson-separated")
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
