"""Metrics over scores, probabilities and decisions of two classes."""

from typing import Any

import numpy as np
from pydantic import Field

from labrun.domain.record import Record
from labrun.grading.bootstrap import of_rows
from labrun.grading.metric import metric
from labrun.grading.pairs import Takes
from labrun.grading.predictions import Array
from labrun.grading.ranks import of_ranks, ranked, weighted_ap, weighted_auc
from labrun.grading.uncertainty import Interval, delong, midranks
from labrun.grading.weighed import of_means, of_order

EPSILON = 1e-15  # what a probability of exactly 0 or 1 is clipped to


class EceParams(Record):
    """How many bins of equal frequency."""

    bins: int = Field(default=10, ge=2, le=100)


class CostParams(Record):
    """What a missed positive and a false alarm cost."""

    fn: float = Field(default=1, ge=0, allow_inf_nan=False)
    fp: float = Field(default=1, ge=0, allow_inf_nan=False)


def _auc_interval(
    truth: Array, scores: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    if groups is None:
        return delong(truth, scores)
    return of_ranks(truth, scores, rng, groups, weighted_auc)


def _ap_interval(
    truth: Array, scores: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    return of_ranks(truth, scores, rng, groups, weighted_ap)


def log_losses(truth: Array, p: Array) -> Array:
    """Return the loss of each row (n,), probabilities clipped away from 0 and 1."""
    clipped = np.clip(p, EPSILON, 1 - EPSILON)
    found: Array = -np.where(truth == 1, np.log(clipped), np.log1p(-clipped))
    return found


def costs(truth: Array, decided: Array, params: CostParams) -> Array:
    """Return the cost of each row (n,)."""
    wrong = np.where(truth == 1, params.fn, params.fp)
    found: Array = np.where(truth == decided, 0.0, wrong)
    return found


def _mean_of(losses: Any) -> Any:
    def interval(
        truth: Array, predicted: Array, params: Any, rng: np.random.Generator, groups: Array | None
    ) -> Interval:
        column = losses(truth, predicted, params).reshape(-1, 1)
        return of_rows(column, lambda means: means[:, 0], rng, groups)

    return interval


def bin_of(p: Array, bins: int) -> Array:
    """Return the bin of each row (n,), bins of equal frequency by the order of ``p``."""
    edges = np.unique(np.quantile(p, np.linspace(0, 1, bins + 1)[1:-1]))
    found: Array = np.searchsorted(edges, p, side="right")
    return found


def _gaps(truth: Array, p: Array, params: EceParams) -> Array:
    """Return (n, bins): truth minus probability in the column of the row's bin."""
    where = bin_of(p, params.bins)
    found: Array = np.eye(where.max() + 1)[where] * (truth - p)[:, None]
    return found


def _summed(means: Array) -> Array:
    found: Array = np.abs(means).sum(axis=1)
    return found


def _ece_interval(
    truth: Array, p: Array, params: EceParams, rng: np.random.Generator, groups: Array | None
) -> Interval:
    # Resampling adds noise to every bin and ECE takes absolute values, so the draws stand too
    # high by about as much as the value itself does: the interval is mirrored ("basic").
    gaps = _gaps(truth, p, params)
    drawn = of_rows(gaps, _summed, rng, groups)
    value = float(np.abs(gaps.mean(axis=0)).sum())
    low, high = max(0.0, 2 * value - drawn.high), max(0.0, 2 * value - drawn.low)
    return Interval(low, high, f"{drawn.method}-basic")


@metric(
    "roc_auc",
    takes=Takes.SCORES,
    interval=_auc_interval,
    weighed=of_order(ranked, weighted_auc),
    best=1,
    worst=0,
    example=([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 0.75),
)
def roc_auc(truth: Array, scores: Array, _params: Any) -> float:
    """Return the area under the ROC curve: Mann and Whitney's share of pairs in order."""
    positive = truth == 1
    m, n = int(positive.sum()), int((~positive).sum())
    if not m * n:
        return float("nan")
    return float((midranks(scores)[positive].sum() - m * (m + 1) / 2) / (m * n))


@metric(
    "average_precision",
    takes=Takes.SCORES,
    interval=_ap_interval,
    weighed=of_order(ranked, weighted_ap),
    best=1,
    worst=0,
    example=([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 5 / 6),
)
def average_precision(truth: Array, scores: Array, _params: Any) -> float:
    """Return the average precision; 0 where there is no positive row."""
    _, hit, ends = ranked(truth, scores)
    return float(weighted_ap(np.ones((1, len(hit))), hit, ends)[0]) if hit.any() else 0.0


@metric(
    "log_loss",
    takes=Takes.PROBABILITIES,
    interval=_mean_of(lambda truth, p, _params: log_losses(truth, p)),
    weighed=of_means(lambda truth, p, _params: log_losses(truth, p)),
    best=0,
    worst=np.inf,
    example=([0, 1], [0.5, 0.5], float(np.log(2))),
)
def log_loss(truth: Array, p: Array, _params: Any) -> float:
    """Return the mean negative log-likelihood, in nats; see `log_losses` for the clipping."""
    clipped = np.clip(p, EPSILON, 1 - EPSILON)
    return float(-np.log(np.where(truth == 1, clipped, 1 - clipped)).mean())


@metric(
    "ece",
    takes=Takes.PROBABILITIES,
    interval=_ece_interval,
    weighed=of_means(_gaps, _summed),
    best=0,
    worst=1,
    example=([0, 0, 1, 1], [0.25, 0.25, 0.75, 0.75], 0.25),
    params=EceParams,
)
def ece(truth: Array, p: Array, params: EceParams) -> float:
    """Return the expected calibration error over bins of equal frequency.

    The sum over bins of |rows in bin / n x (mean truth - mean p)|: Naeini, Cooper and Hauskrecht,
    AAAI 2015, with the adaptive bins of Nguyen and O'Connor, EMNLP 2015.
    """
    gaps = np.bincount(bin_of(p, params.bins), truth - p)
    return float(np.abs(gaps).sum() / len(p))


@metric(
    "expected_cost",
    takes=Takes.DECISIONS,
    interval=_mean_of(costs),
    weighed=of_means(costs),
    best=0,
    worst=np.inf,
    example=([0, 1, 1, 0], [1, 0, 1, 0], 0.5),
    params=CostParams,
)
def expected_cost(truth: Array, decided: Array, params: CostParams) -> float:
    """Return the mean cost a row of decisions (Elkan, IJCAI 2001)."""
    return float(costs(truth, decided, params).mean())
