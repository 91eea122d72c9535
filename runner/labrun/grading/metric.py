"""What a metric is, and the registry labs name them by."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from labrun.domain.grade import Estimate
from labrun.domain.record import Record
from labrun.registry import Registry

Array = np.ndarray[Any, Any]
LEVEL = 0.95
BINARY = 2


class Takes(enum.StrEnum):
    """What a metric reads of predictions."""

    LABELS = "labels"  # one class a row, of the truth's kind
    SCORES = "scores"  # one number a row, higher for the positive class
    PROBABILITIES = "probabilities"  # the same in [0, 1]
    DECISIONS = "decisions"  # 0 or 1 a row
    NUMBERS = "numbers"  # one number a row
    CLUSTERS = "clusters"  # one label a row whose name means nothing


class NoParams(Record):
    """A metric without parameters."""


@dataclass(frozen=True)
class Interval:
    """A two-sided interval and how it was found."""

    low: float
    high: float
    method: str


# Each takes truth (n,), predictions (n,) and parameters; an interval also a generator and clusters.
Score = Callable[[Array, Array, Any], float]
IntervalOf = Callable[[Array, Array, Any, np.random.Generator, Array | None], Interval]


@dataclass(frozen=True)
class Metric:
    """A number computed from true and predicted values, with its sampling error.

    ``example`` is (truth, predictions, value) and its first test; ``best`` and ``worst`` give the
    direction, so that no lab ever states it.
    """

    name: str
    takes: Takes
    score: Score
    interval: IntervalOf
    best: float
    worst: float
    example: tuple[list[Any], list[Any], float]
    params: type[Record] = NoParams

    @property
    def greater_is_better(self) -> bool:
        """Return which way a mark points."""
        return self.best > self.worst

    @property
    def direction(self) -> str:
        """Return the direction in words."""
        return "maximize" if self.greater_is_better else "minimize"

    def meets(self, value: float, mark: float) -> bool:
        """Return whether ``value`` is at least as good as ``mark``; NaN never is."""
        return value >= mark if self.greater_is_better else value <= mark

    def estimate(
        self,
        truth: Array,
        predicted: Array,
        *,
        params: Record | None = None,
        seed: int = 0,
        groups: Array | None = None,
    ) -> Estimate:
        """Return the value with its interval; ``seed`` alone decides every random draw.

        ``groups`` names the cluster of each row; rows of a cluster are resampled together. Raises
        ValueError where the predictions are not of the kind the metric takes.
        """
        chosen = params if params is not None else self.params()
        truth, predicted = prepare(self.takes, truth, predicted)
        value = float(self.score(truth, predicted, chosen))
        rng = np.random.default_rng(seed)
        found = self.interval(truth, predicted, chosen, rng, groups)
        return Estimate(
            metric=self.name,
            value=value,
            low=min(found.low, value),
            high=max(found.high, value),
            level=LEVEL,
            method=found.method,
            n=len(truth) if groups is None else len(np.unique(groups)),
            direction=self.direction,
        )


METRICS: Registry[Metric] = Registry("metric", "labrun.grading.metrics")


def metric(
    name: str,
    *,
    takes: Takes,
    interval: IntervalOf,
    best: float,
    worst: float,
    example: tuple[list[Any], list[Any], float],
    params: type[Record] = NoParams,
) -> Callable[[Score], Score]:
    """Register a scoring function as a metric."""

    def decorate(score: Score) -> Score:
        METRICS.add(name, Metric(name, takes, score, interval, best, worst, example, params))
        return score

    return decorate


def prepare(takes: Takes, truth: Array, predicted: Array) -> tuple[Array, Array]:
    """Return truth and predictions as the metric takes them; raise ValueError if they are not.

    Of two columns of probabilities, the second is the positive class's.
    """
    if takes in (Takes.SCORES, Takes.PROBABILITIES) and predicted.shape[1:] == (2,):
        predicted = predicted[:, 1]
    if predicted.shape != truth.shape:
        msg = f"expected shape {truth.shape}, got {predicted.shape}"
        raise ValueError(msg)
    if takes in (Takes.LABELS, Takes.CLUSTERS):
        return _labels(truth, predicted)
    numbers = _numbers(predicted)
    if takes is Takes.NUMBERS:
        return truth.astype(float), numbers
    _refuse_outside(takes, numbers)
    classes = np.unique(truth)
    if len(classes) > BINARY:
        msg = "the metric is for two classes"
        raise ValueError(msg)
    return (truth == classes[-1]).astype(int), numbers


def _refuse_outside(takes: Takes, numbers: Array) -> None:
    if takes is Takes.PROBABILITIES and ((numbers < 0) | (numbers > 1)).any():
        msg = "a probability is below 0 or above 1"
        raise ValueError(msg)
    if takes is Takes.DECISIONS and not np.isin(numbers, (0, 1)).all():
        msg = "a decision is neither 0 nor 1"
        raise ValueError(msg)


def _labels(truth: Array, predicted: Array) -> tuple[Array, Array]:
    if predicted.dtype.kind in "fc" and not np.isfinite(predicted).all():
        msg = "a label is NaN or infinite"
        raise ValueError(msg)
    if truth.dtype.kind in "OUS" or predicted.dtype.kind in "OUS":
        if (truth.dtype.kind in "OUS") != (predicted.dtype.kind in "OUS"):
            msg = "labels and truth are of different kinds: text against numbers"
            raise ValueError(msg)
        return truth.astype(str), predicted.astype(str)
    return truth, predicted


def _numbers(predicted: Array) -> Array:
    if predicted.dtype.kind not in "biuf":
        msg = f"expected numbers, got dtype {predicted.dtype}"
        raise ValueError(msg)
    numbers = predicted.astype(float)
    if not np.isfinite(numbers).all():
        msg = f"{int((~np.isfinite(numbers)).sum())} values are NaN or infinite"
        raise ValueError(msg)
    return numbers
