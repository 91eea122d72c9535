"""Metrics over numbers."""

from typing import Any

import numpy as np

from labrun.errors import LabError
from labrun.grading.bootstrap import of_rows
from labrun.grading.metric import metric
from labrun.grading.pairs import Takes
from labrun.grading.predictions import Array, Malformed
from labrun.grading.uncertainty import Interval
from labrun.grading.weighed import Weighed, of_means


def _of_errors(errors: Any, value: Any) -> Any:
    def interval(
        truth: Array, predicted: Array, _params: Any, rng: np.random.Generator, groups: Array | None
    ) -> Interval:
        return of_rows(errors(truth, predicted), value, rng, groups)

    return interval


def _weighed(errors: Any, value: Any) -> Weighed:
    return of_means(lambda truth, predicted, _params: errors(truth, predicted), value)


def _squares(truth: Array, predicted: Array) -> Array:
    found: Array = ((truth - predicted) ** 2).reshape(-1, 1)
    return found


def _absolutes(truth: Array, predicted: Array) -> Array:
    found: Array = np.abs(truth - predicted).reshape(-1, 1)
    return found


def _log_squares(truth: Array, predicted: Array) -> Array:
    return _squares(np.log1p(truth), np.log1p(predicted))


def _with_variance(truth: Array, predicted: Array) -> Array:
    centred = truth - truth.mean()  # the variance is the same, and keeps its digits
    return np.stack([(truth - predicted) ** 2, centred, centred**2], axis=1)


def _root(means: Array) -> Array:
    found: Array = np.sqrt(means[:, 0])
    return found


def _first(means: Array) -> Array:
    return means[:, 0]


def _explained(means: Array) -> Array:
    found: Array = 1 - means[:, 0] / (means[:, 2] - means[:, 1] ** 2)
    return found


@metric(
    "rmse",
    takes=Takes.NUMBERS,
    interval=_of_errors(_squares, _root),
    weighed=_weighed(_squares, _root),
    best=0,
    worst=np.inf,
    example=([0, 0], [3, 4], float(np.sqrt(12.5))),
)
def rmse(truth: Array, predicted: Array, _params: Any) -> float:
    """Return the root of the mean squared error."""
    return float(np.sqrt(_squares(truth, predicted).mean()))


@metric(
    "mae",
    takes=Takes.NUMBERS,
    interval=_of_errors(_absolutes, _first),
    weighed=_weighed(_absolutes, _first),
    best=0,
    worst=np.inf,
    example=([0, 0], [3, -4], 3.5),
)
def mae(truth: Array, predicted: Array, _params: Any) -> float:
    """Return the mean absolute error."""
    return float(_absolutes(truth, predicted).mean())


@metric(
    "rmsle",
    takes=Takes.NUMBERS,
    interval=_of_errors(_log_squares, _root),
    weighed=_weighed(_log_squares, _root),
    best=0,
    worst=np.inf,
    example=([0.0, 0.0], [np.e - 1, np.e - 1], 1.0),
)
def rmsle(truth: Array, predicted: Array, _params: Any) -> float:
    """Return the root of the mean squared difference of log(1 + y); y must be above -1."""
    if (truth <= -1).any():
        msg = "the truth holds values of -1 or less, for which rmsle has no meaning"
        raise LabError(msg)
    if wrong := int((predicted <= -1).sum()):
        msg = f"{wrong:,} of {len(predicted):,} values are -1 or less, which has no logarithm"
        raise Malformed(msg)
    return float(np.sqrt(_log_squares(truth, predicted).mean()))


@metric(
    "r2",
    takes=Takes.NUMBERS,
    interval=_of_errors(_with_variance, _explained),
    weighed=_weighed(_with_variance, _explained),
    best=1,
    worst=-np.inf,
    example=([1, 2, 3], [1, 2, 4], 0.5),
)
def r2(truth: Array, predicted: Array, _params: Any) -> float:
    """Return the share of the variance explained; of a truth that does not vary, all or nothing."""
    wrong = float(np.sum((truth - predicted) ** 2))
    there = float(np.sum((truth - np.mean(truth)) ** 2))
    if there == 0:
        return float(wrong == 0)
    return 1 - wrong / there
