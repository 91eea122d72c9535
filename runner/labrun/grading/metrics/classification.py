"""Metrics over class labels; values are scikit-learn's."""

from typing import Any

import numpy as np

from labrun.grading.metric import Array, Interval, Takes, metric
from labrun.grading.uncertainty import of_counts, of_rows, wilson


def _proportion(
    truth: Array, predicted: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    hit = truth == predicted
    if groups is not None:
        return of_rows(hit.reshape(-1, 1), lambda means: means[:, 0], rng, groups)
    return wilson(int(hit.sum()), len(hit))


def _codes(truth: Array, predicted: Array) -> tuple[Array, Array, int]:
    classes, codes = np.unique(np.concatenate([truth, predicted]), return_inverse=True)
    return codes[: len(truth)], codes[len(truth) :], len(classes)


def recalls(tables: Array) -> Array:
    """Return the mean recall of (draws, k, k) tables, over the classes that occur in the truth."""
    k = min(tables.shape[1:])
    hits = np.diagonal(tables, axis1=1, axis2=2)[:, :k]
    of = tables.sum(axis=2)[:, :k]
    with np.errstate(invalid="ignore"):
        found: Array = np.nanmean(np.where(of > 0, hits / of, np.nan), axis=1)
    return found


def f1_means(tables: Array) -> Array:
    """Return the macro F1 of (draws, k, k) tables, over the classes in truth or predictions."""
    hits = np.diagonal(tables, axis1=1, axis2=2)
    around = tables.sum(axis=1) + tables.sum(axis=2)
    with np.errstate(invalid="ignore"):
        found: Array = np.nanmean(np.where(around > 0, 2 * hits / around, np.nan), axis=1)
    return found


def _square(
    truth: Array, predicted: Array, rng: np.random.Generator, groups: Array | None, value: Any
) -> Interval:
    t, p, k = _codes(truth, predicted)

    def padded(tables: Array) -> Array:
        short = ((0, 0), (0, k - tables.shape[1]), (0, k - tables.shape[2]))
        found: Array = value(np.pad(tables, short))
        return found

    return of_counts(t, p, padded, rng, groups)


def _balanced(
    truth: Array, predicted: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    return _square(truth, predicted, rng, groups, recalls)


def _f1(
    truth: Array, predicted: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    return _square(truth, predicted, rng, groups, f1_means)


@metric(
    "accuracy",
    takes=Takes.LABELS,
    interval=_proportion,
    best=1,
    worst=0,
    example=(["a", "a", "b"], ["a", "b", "b"], 2 / 3),
)
def accuracy(truth: Array, predicted: Array, _params: Any) -> float:
    """Return the fraction of labels that are right."""
    from sklearn.metrics import accuracy_score  # noqa: PLC0415  (slow to import)

    return float(accuracy_score(truth, predicted))


@metric(
    "balanced_accuracy",
    takes=Takes.LABELS,
    interval=_balanced,
    best=1,
    worst=0,
    example=(["a", "a", "b", "b"], ["a", "b", "b", "b"], 0.75),
)
def balanced_accuracy(truth: Array, predicted: Array, _params: Any) -> float:
    """Return the mean recall over the classes of the truth; labels outside them are misses."""
    from sklearn.metrics import recall_score  # noqa: PLC0415  (slow to import)

    labels = np.unique(truth)
    return float(recall_score(truth, predicted, labels=labels, average="macro", zero_division=0))


@metric(
    "macro_f1",
    takes=Takes.LABELS,
    interval=_f1,
    best=1,
    worst=0,
    example=(["a", "a", "b"], ["a", "b", "b"], 2 / 3),
)
def macro_f1(truth: Array, predicted: Array, _params: Any) -> float:
    """Return the mean F1 over the classes in truth or predictions."""
    from sklearn.metrics import f1_score  # noqa: PLC0415  (slow to import)

    return float(f1_score(truth, predicted, average="macro", zero_division=0))
