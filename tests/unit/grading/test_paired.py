from typing import Any

import numpy as np
import pytest

from labrun.domain.grade import Estimate
from labrun.grading.metric import METRICS
from labrun.grading.paired import Scored, drawn, error_of_difference, tiers
from labrun.grading.uncertainty import standard_error

ROWS = 1500
RNG = np.random.default_rng(7)
LABELS = RNG.integers(0, 2, ROWS)
NOISE = RNG.normal(size=ROWS)
SURE = 1 / (1 + np.exp(-(2 * LABELS - 1 + NOISE)))
PREDICTED = {
    "labels": np.where(RNG.random(ROWS) < 0.8, LABELS, 1 - LABELS),
    "scores": LABELS + NOISE,
    "probabilities": SURE,
    "decisions": np.where(RNG.random(ROWS) < 0.8, LABELS, 1 - LABELS),
    "numbers": LABELS + 0.5 * np.abs(NOISE),
    "clusters": np.where(RNG.random(ROWS) < 0.8, LABELS, 2),
    "rankings": np.where(RNG.random(ROWS) < 0.8, "0 1", "1 0"),
    "distributions": np.stack([1 - SURE, SURE], axis=1),
    "grouped": np.where(RNG.random(ROWS) < 0.6 + 0.2 * (np.arange(ROWS) % 2), LABELS, 1 - LABELS),
    "suspects": np.clip(0.5 + 0.1 * LABELS + 0.1 * NOISE, 0, 1)[:, None],
}
GROUPS = np.where(np.arange(ROWS) % 2, "men", "women")
TRUTH = {
    "grouped": np.array([f"{g} {y}" for g, y in zip(GROUPS, LABELS, strict=True)], dtype=object),
    "suspects": np.where(LABELS == 1, "in A", "out A").astype(object),
}


def made(name: str, predicted: Any = None, groups: Any = None) -> tuple[Scored, Estimate]:
    metric = METRICS[name]
    values = PREDICTED[metric.takes] if predicted is None else predicted
    pair = metric.pair(TRUTH.get(metric.takes, LABELS), values)
    found = Scored(metric, metric.params(), (pair,), groups)
    return found, metric.estimate(pair, groups=groups)


@pytest.mark.parametrize("name", sorted(METRICS.all()))
def test_every_metric_weighed_by_ones_is_itself(name: str) -> None:
    found, estimate = made(name)
    pair, weigh = found.pairs[0], found.metric.weighed
    assert weigh is not None
    value = weigh(pair.truth, pair.predicted, found.params, np.ones((1, ROWS)))
    assert value == pytest.approx([estimate.value], rel=1e-9)


@pytest.mark.parametrize("name", sorted(METRICS.all()))
def test_drawn_values_spread_as_the_interval_says(name: str) -> None:
    found, estimate = made(name)
    values = drawn(found)
    assert values is not None
    # Somewhat more where the interval holds the share of each class: here whole rows are drawn.
    assert 0.8 < values.std() / standard_error(estimate) < 1.5


def test_the_same_rows_are_drawn_for_everybody() -> None:
    first, second = drawn(made("accuracy")[0]), drawn(made("accuracy")[0])
    assert first is not None
    assert second is not None
    assert (first == second).all()


def test_a_paired_error_is_that_of_the_differences() -> None:
    close = PREDICTED["labels"].copy()
    close[:30] = 1 - close[:30]
    (old, known), (new, found) = made("accuracy"), made("accuracy", close)
    gaps = (close == LABELS).astype(float) - (PREDICTED["labels"] == LABELS)
    paired = error_of_difference(new, found, old, known)
    assert paired == pytest.approx(gaps.std() / np.sqrt(ROWS), rel=0.15)
    alone = error_of_difference(new, found, None, known)
    assert alone == pytest.approx(np.hypot(standard_error(found), standard_error(known)))
    assert paired < alone / 3


def test_clusters_are_drawn_whole() -> None:
    groups = np.repeat(np.arange(30), 50)
    by_group = np.where(groups % 2 == 0, LABELS, 1 - LABELS)  # right or wrong by the group
    whole, each = drawn(made("accuracy", by_group, groups)[0]), drawn(made("accuracy", by_group)[0])
    assert whole is not None
    assert each is not None
    assert whole.std() > 5 * each.std()


def test_several_seeds_are_drawn_as_their_mean() -> None:
    first, _ = made("accuracy")
    second, _ = made("accuracy", 1 - PREDICTED["labels"])
    both = Scored(first.metric, first.params, (*first.pairs, *second.pairs))
    values = drawn(both)
    assert values is not None
    assert values == pytest.approx(np.full(len(values), 0.5))


def test_ranks_that_cannot_be_told_apart_share_a_tier() -> None:
    def right(share: float) -> Any:
        wrong = np.arange(ROWS) % 1000 >= share * 1000
        return drawn(made("accuracy", np.where(wrong, 1 - LABELS, LABELS))[0])

    ranked = [right(share) for share in (0.900, 0.899, 0.870, 0.869, 0.500)]
    assert tiers(ranked, higher=True) == [1, 1, 2, 2, 3]
    assert tiers([], higher=True) == []


def test_tiers_go_the_other_way_where_less_is_better() -> None:
    errors = (0.1 * NOISE, 0.5 * NOISE, 0.5 * NOISE[::-1])
    ranked = [drawn(made("rmse", LABELS + each)[0]) for each in errors]
    assert tiers(ranked, higher=False) == [1, 2, 2]


def test_what_cannot_be_compared_has_a_tier_of_its_own() -> None:
    known = drawn(made("accuracy")[0])
    assert tiers([known, None, known], higher=True) == [1, 2, 3]
