"""Metrics of many weightings of the same rows at once, so that submissions can be compared.

Each takes truth (n,), predictions (n,), the metric's parameters and weights (draws, n), and
returns (draws,) values: two submissions given the same weights are judged on the same drawn rows.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from labrun.grading.bootstrap import totals
from labrun.grading.predictions import Array

Weighed = Callable[[Array, Array, Any, Array], Array]


def of_means(columns: Callable[[Array, Array, Any], Array], value: Any = None) -> Weighed:
    """Return a function of means over rows; ``columns`` gives (n,) or (n, k)."""

    def weighed(truth: Array, predicted: Array, params: Any, weights: Array) -> Array:
        held = columns(truth, predicted, params)
        held = held.reshape(len(truth), -1).astype(float)
        means = (weights @ held) / weights.sum(axis=1)[:, None]
        found: Array = means[:, 0] if value is None else value(means)
        return found

    return weighed


def of_table(value: Callable[[Array, Array, Array], Array]) -> Weighed:
    """Return a function of the table of truth by prediction; see `bootstrap.of_cells`."""

    def weighed(truth: Array, predicted: Array, _params: Any, weights: Array) -> Array:
        width = int(predicted.max()) + 1
        cells, where = np.unique(truth * width + predicted, return_inverse=True)
        return value(totals(weights, where, len(cells)), cells // width, cells % width)

    return weighed


def of_order(
    ranked: Callable[[Array, Array], tuple[Array, Array, Array]],
    value: Callable[[Array, Array, Array], Array],
) -> Weighed:
    """Return a function of the rows in the order of their scores."""

    def weighed(truth: Array, scores: Array, _params: Any, weights: Array) -> Array:
        order, hit, ends = ranked(truth, scores)
        return value(weights[:, order], hit, ends)

    return weighed
