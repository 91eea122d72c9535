"""What a metric is, and the registry labs name them by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from labrun.domain.grade import Estimate
from labrun.domain.record import Record
from labrun.grading.pairs import Pair, Takes, pair
from labrun.grading.predictions import Array
from labrun.grading.uncertainty import LEVEL, Interval
from labrun.grading.weighed import Weighed
from labrun.registry import Registry

DIGITS = 12  # the last few change with the processor and the version of NumPy


class NoParams(Record):
    """A metric without parameters."""


# Each takes truth (n,) and predictions (n,) as `pair` makes them, and the metric's parameters; an
# interval also takes a generator and the cluster of each row, or None.
Score = Callable[[Array, Array, Any], float]
IntervalOf = Callable[[Array, Array, Any, np.random.Generator, Array | None], Interval]


@dataclass(frozen=True)
class Metric:
    """A number computed from true and predicted values, with its sampling error.

    ``example`` is (truth, predictions, value) and its first test; ``best`` and ``worst`` give the
    direction, so that no lab ever states it. ``weighed`` is how submissions are compared on the
    same rows; without it they are compared by their intervals.
    """

    name: str
    takes: Takes
    score: Score
    interval: IntervalOf
    best: float
    worst: float
    example: tuple[list[Any], list[Any], float]
    params: type[Record] = NoParams
    weighed: Weighed | None = None

    @property
    def greater_is_better(self) -> bool:
        """Return which way a mark points."""
        return self.best > self.worst

    @property
    def direction(self) -> Literal["higher", "lower"]:
        """Return the direction in words."""
        return "higher" if self.greater_is_better else "lower"

    def meets(self, value: float, mark: float) -> bool:
        """Return whether ``value`` is at least as good as ``mark``; NaN never is."""
        return value >= mark if self.greater_is_better else value <= mark

    def attainable(self, mark: float) -> bool:
        """Return whether ``mark`` lies between the worst and the best value."""
        low, high = sorted((self.best, self.worst))
        return low <= mark <= high

    def pair(self, truth: Array, predicted: Array) -> Pair:
        """Return truth and predictions as the metric takes them; see `pairs.pair`."""
        return pair(self.takes, truth, predicted)

    def estimate(
        self,
        made: Pair,
        *,
        params: Record | None = None,
        seed: int = 0,
        groups: Array | None = None,
    ) -> Estimate:
        """Return the value with its interval; ``seed`` alone decides every random draw.

        ``groups`` names the cluster of each row; rows of a cluster are resampled together. What
        has no value, such as an error too large for a float, is NaN or infinite. Raises `Malformed`
        where the metric has no meaning for a prediction.
        """
        chosen = params if params is not None else self.params()
        with np.errstate(all="ignore"):
            value = _rounded(self.score(made.truth, made.predicted, chosen))
            rng = np.random.default_rng(seed)
            found = self.interval(made.truth, made.predicted, chosen, rng, groups)
        return Estimate(
            metric=self.name,
            value=value,
            low=min(_rounded(found.low), value),
            high=max(_rounded(found.high), value),
            level=LEVEL,
            method=found.method,
            n=len(made.truth) if groups is None else len(np.unique(groups)),
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
    weighed: Weighed | None = None,
) -> Callable[[Score], Score]:
    """Register a scoring function as a metric."""

    def decorate(score: Score) -> Score:
        METRICS.add(
            name, Metric(name, takes, score, interval, best, worst, example, params, weighed)
        )
        return score

    return decorate


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
