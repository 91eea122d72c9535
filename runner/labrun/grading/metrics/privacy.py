"""Metrics of attacks: what a model gives away about the rows that it was trained on."""

from typing import Any

import numpy as np

from labrun.grading.metric import metric
from labrun.grading.pairs import Takes
from labrun.grading.predictions import Array
from labrun.grading.ranks import of_ranks, ranked, weighted_auc
from labrun.grading.uncertainty import Interval, delong
from labrun.grading.weighed import Weighed, of_order

CHANCE = 0.5


def folded(area: Any) -> Any:
    """Return the area of the better of two attackers, who suspect opposite ends."""
    return CHANCE + np.abs(area - CHANCE)


def _interval(
    truth: Array, p: Array, _params: Any, rng: np.random.Generator, groups: Array | None
) -> Interval:
    found = delong(truth, p) if groups is None else of_ranks(truth, p, rng, groups, weighted_auc)
    low, high = sorted((folded(found.low), folded(found.high)))
    if found.low < CHANCE < found.high:
        low = CHANCE
    return Interval(float(low), float(high), found.method)


def _weighed() -> Weighed:
    inner = of_order(ranked, weighted_auc)

    def weighed(truth: Array, p: Array, params: Any, weights: Array) -> Array:
        found: Array = folded(inner(truth, p, params, weights))
        return found

    return weighed


@metric(
    "membership_auc",
    takes=Takes.SUSPECTS,
    interval=_interval,
    weighed=_weighed(),
    best=CHANCE,
    worst=1,
    example=(
        ["in A", "in B", "out A", "out B"],
        [[0.9, 0.1], [0.4, 0.6], [0.7, 0.3], [0.8, 0.2]],
        0.75,
    ),
)
def membership_auc(truth: Array, p: Array, _params: Any) -> float:
    """Return how well an attacker tells members from others by the probability of their label.

    The area under the ROC curve of the attack by loss (Yeom, Giacomelli, Fredrikson and Jha, CSF
    2018): 0.5 is a guess. Whoever answers worse for members than for others is told as well.
    """
    _, hit, ends = ranked(truth, p)
    area = weighted_auc(np.ones((1, len(hit))), hit, ends)[0]
    return float(folded(area))
