"""Values that follow from the order of the scores, of many weightings of the rows at once."""

from typing import Any

import numpy as np

from labrun.grading.bootstrap import of_weights
from labrun.grading.predictions import Array
from labrun.grading.uncertainty import Interval


def ranked(truth: Array, scores: Array) -> tuple[Array, Array, Array]:
    """Return the order from the highest score, the truth in it, and where each tie ends."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    return order, truth[order].astype(float), ends


def of_ranks(
    truth: Array, scores: Array, rng: np.random.Generator, groups: Array | None, value: Any
) -> Interval:
    """Bootstrap ``value`` of `ranked` truth and scores, stratified by the truth."""
    order, hit, ends = ranked(truth, scores)
    sorted_groups = None if groups is None else groups[order]
    return of_weights(truth[order], lambda weights: value(weights, hit, ends), rng, sorted_groups)


def weighted_ap(weights: Array, hit: Array, ends: Array) -> Array:
    """Return the average precision (draws,) with ties taken together, as scikit-learn does."""
    hits = _at(np.cumsum(weights * hit, axis=1), ends)
    seen = _at(np.cumsum(weights, axis=1), ends)
    gained = np.diff(hits, axis=1, prepend=0)
    gained *= hits  # in place: a fifth of the time was spent on new memory
    gained /= np.maximum(seen, 1, out=seen)
    found: Array = gained.sum(axis=1) / hits[:, -1]
    return found


def _at(sums: Array, ends: Array) -> Array:
    return sums if len(ends) == sums.shape[1] else sums[:, ends]


def weighted_auc(weights: Array, hit: Array, ends: Array) -> Array:
    """Return the area under the ROC curve (draws,) by the trapezoid rule over tied groups."""
    hits = _at(np.cumsum(weights * hit, axis=1), ends)
    false = _at(np.cumsum(weights * (1 - hit), axis=1), ends)
    before = np.hstack([np.zeros((len(hits), 1)), hits[:, :-1]])
    steps = np.diff(false, axis=1, prepend=0)
    found: Array = (steps * (hits + before) / 2).sum(axis=1) / (hits[:, -1] * false[:, -1])
    return found
