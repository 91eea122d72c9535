"""Metrics over class labels; values are scikit-learn's, whose import would take a second."""

from typing import Any

import numpy as np

from labrun.grading.bootstrap import of_cells, of_rows, totals
from labrun.grading.metric import metric
from labrun.grading.pairs import Takes
from labrun.grading.predictions import Array
from labrun.grading.uncertainty import Interval, wilson
from labrun.grading.weighed import of_means, of_table


def _proportion(
    truth: Array, predicted: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    hit = truth == predicted
    if groups is not None:
        return of_rows(hit.reshape(-1, 1), lambda means: means[:, 0], rng, groups)
    return wilson(int(hit.sum()), len(hit))


def recalls(counts: Array, rows: Array, columns: Array) -> Array:
    """Return the mean recall (draws,) over the classes drawn; see `of_cells` for the arguments."""
    hits, true, _ = _sums(counts, rows, columns)
    found: Array = np.nanmean(np.where(true > 0, hits / true, np.nan), axis=1)
    return found


def f1_means(counts: Array, rows: Array, columns: Array) -> Array:
    """Return the mean F1 (draws,) over the classes drawn; see `of_cells` for the arguments."""
    hits, true, predicted = _sums(counts, rows, columns)
    found: Array = np.nanmean(np.where(true > 0, 2 * hits / (true + predicted), np.nan), axis=1)
    return found


def _sums(counts: Array, rows: Array, columns: Array) -> tuple[Array, Array, Array]:
    k = int(rows.max()) + 1  # every class of the truth has a row; column k is any other label
    right = rows == columns
    hits = totals(counts * right, rows, k)
    return hits, totals(counts, rows, k), totals(counts, columns, k + 1)[:, :k]


def _balanced(
    truth: Array, predicted: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    return of_cells(truth, predicted, recalls, rng, groups)


def _f1(
    truth: Array, predicted: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    return of_cells(truth, predicted, f1_means, rng, groups)


@metric(
    "accuracy",
    takes=Takes.LABELS,
    interval=_proportion,
    weighed=of_means(lambda truth, predicted, _params: truth == predicted),
    best=1,
    worst=0,
    example=(["a", "a", "b"], ["a", "b", "b"], 2 / 3),
)
def accuracy(truth: Array, predicted: Array, _params: Any) -> float:
    """Return the fraction of labels that are right."""
    return float(np.mean(truth == predicted))


@metric(
    "balanced_accuracy",
    takes=Takes.LABELS,
    interval=_balanced,
    weighed=of_table(recalls),
    best=1,
    worst=0,
    example=(["a", "a", "b", "b"], ["a", "b", "b", "b"], 0.75),
)
def balanced_accuracy(truth: Array, predicted: Array, _params: Any) -> float:
    """Return the mean recall over the classes of the truth; labels outside them are misses."""
    hits, true, _ = _counted(truth, predicted)
    return float(np.mean(hits / true))


@metric(
    "macro_f1",
    takes=Takes.LABELS,
    interval=_f1,
    weighed=of_table(f1_means),
    best=1,
    worst=0,
    example=(["a", "a", "b"], ["a", "b", "b"], 2 / 3),
)
def macro_f1(truth: Array, predicted: Array, _params: Any) -> float:
    """Return the mean F1 over the classes of the truth; labels outside them are misses."""
    hits, true, found = _counted(truth, predicted)
    return float(np.mean(2 * hits / (true + found)))


def _counted(truth: Array, predicted: Array) -> tuple[Array, Array, Array]:
    """Return, for each class in the truth: rows told rightly, rows, and rows told to be of it."""
    k = int(max(truth.max(), predicted.max())) + 1
    true = np.bincount(truth, minlength=k)
    hits = np.bincount(truth[truth == predicted], minlength=k)
    found = np.bincount(predicted, minlength=k)
    there = true > 0
    return hits[there], true[there], found[there]
