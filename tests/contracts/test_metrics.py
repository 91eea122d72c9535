"""Promises every metric keeps; a new metric is tested by being registered."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from labrun.grading.metric import METRICS, Metric
from labrun.grading.pairs import Takes
from labrun.grading.predictions import Array, Malformed

ALL = METRICS.all()
EVERY = pytest.mark.parametrize("metric", ALL.values(), ids=ALL.keys())
NAMED_BY_LABS = {
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "roc_auc",
    "average_precision",
    "log_loss",
    "ece",
    "expected_cost",
    "rmse",
    "mae",
    "rmsle",
    "r2",
    "ari",
    "ndcg_at_10",
    "bits_per_symbol",
    "equalised_odds_gap",
    "membership_auc",
}
CLASSES = 3


def column(values: Any) -> Array:
    kind = object if isinstance(values[0], str) else None
    return np.array(values, dtype=kind)


def sample(metric: Metric, seed: int, n: int = 60) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    if metric.takes is Takes.NUMBERS:
        numbers = rng.gamma(2, size=n)
        return numbers, np.abs(numbers + rng.normal(scale=0.3, size=n))
    if metric.takes is Takes.DISTRIBUTIONS:
        codes = np.arange(n) % CLASSES
        return codes, 0.6 * rng.dirichlet(np.ones(CLASSES), n) + 0.4 * np.eye(CLASSES)[codes]
    if metric.takes in (Takes.LABELS, Takes.CLUSTERS, Takes.RANKINGS):
        labels = np.array(["ant", "bee", "cow"], dtype=object)[np.arange(n) % 3]
        return labels, np.where(rng.random(n) < 0.7, labels, rng.permutation(labels))
    return sample_of_two_classes(metric.takes, rng, n)


def sample_of_two_classes(takes: Takes, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    if takes in (Takes.GROUPED, Takes.SUSPECTS):
        return sample_in_two_words(takes, rng, n)
    truth = np.arange(n) % 2
    scores = np.clip(0.4 * truth + 0.6 * rng.random(n), 0, 1)
    return truth, (scores > 0.5).astype(int) if takes is Takes.DECISIONS else scores


def sample_in_two_words(takes: Takes, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    if takes is Takes.GROUPED:
        cells = np.arange(n) % 4
        named = np.array([f"{('men', 'women')[cell // 2]} {cell % 2}" for cell in cells], object)
        return named, np.where(rng.random(n) < 0.7, cells % 2, 1 - cells % 2)
    sides = np.array(["in A", "out A", "in B", "out B"], dtype=object)[np.arange(n) % 4]
    return sides, rng.dirichlet([1, 1], n)


def perfect(metric: Metric) -> Array:
    """Return what is best to say of the truth of the example."""
    truth, predicted, _ = metric.example
    if metric.takes is Takes.GROUPED:
        return np.array([int(answer.rpartition(" ")[2]) for answer in truth])
    if metric.takes is Takes.SUSPECTS:  # the same of everybody
        return np.full_like(np.array(predicted), 0.5)
    if metric.takes is Takes.DISTRIBUTIONS:
        return np.eye(CLASSES)[column(truth)]
    return column(truth)


def estimate(metric: Metric, truth: Array, predicted: Array, **options: Any) -> Any:
    return metric.estimate(metric.pair(truth, predicted), **options)


def test_labs_find_every_metric_they_may_name() -> None:
    assert set(ALL) >= NAMED_BY_LABS
    assert all(name == metric.name for name, metric in ALL.items())


@EVERY
def test_the_example_holds(metric: Metric) -> None:
    truth, predicted, expected = metric.example
    found = estimate(metric, column(truth), column(predicted))
    assert found.value == pytest.approx(expected)


@EVERY
def test_a_perfect_prediction_scores_best(metric: Metric) -> None:
    truth = column(metric.example[0])
    found = estimate(metric, truth, perfect(metric))
    assert found.value == pytest.approx(metric.best, abs=1e-9)


@EVERY
def test_the_direction_follows_from_best_and_worst(metric: Metric) -> None:
    assert (metric.direction == "higher") is (metric.best > metric.worst)
    assert metric.meets(metric.best, metric.best)
    assert not metric.meets(metric.worst, metric.best)
    assert metric.attainable(metric.best)


@EVERY
def test_what_is_not_a_number_meets_no_mark(metric: Metric) -> None:
    assert not metric.meets(math.nan, metric.worst)


@EVERY
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_interval_is_finite_holds_the_value_and_stays_in_range(
    metric: Metric, seed: int
) -> None:
    found = estimate(metric, *sample(metric, seed), seed=seed)
    assert math.isfinite(found.low)
    assert math.isfinite(found.high)
    assert found.low <= found.value <= found.high
    assert metric.attainable(found.low)
    assert metric.attainable(found.high)
    assert (found.n, found.level, found.direction) == (60, 0.95, metric.direction)


@EVERY
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_order_of_rows_does_not_change_the_value(metric: Metric, seed: int) -> None:
    truth, predicted = sample(metric, seed)
    rows = np.random.default_rng(seed).permutation(len(truth))
    here, there = estimate(metric, truth, predicted), estimate(metric, truth[rows], predicted[rows])
    assert here.value == pytest.approx(there.value, rel=1e-9, abs=1e-12)


@EVERY
def test_the_seed_alone_decides_the_interval(metric: Metric) -> None:
    truth, predicted = sample(metric, 1)
    first = estimate(metric, truth, predicted, seed=7)
    assert all(estimate(metric, truth, predicted, seed=7) == first for _ in range(3))


@EVERY
def test_rows_of_a_cluster_are_resampled_together(metric: Metric) -> None:
    truth, predicted = sample(metric, 3, n=240)
    groups = np.arange(240) // 12
    found = estimate(metric, truth, predicted, groups=groups)
    assert found.n == 20
    assert found.method.startswith("bootstrap-clusters")
    assert found.low <= found.value <= found.high


@EVERY
def test_copies_of_a_row_in_one_cluster_add_no_certainty(metric: Metric) -> None:
    truth, predicted = sample(metric, 5, n=90)
    once = estimate(metric, truth, predicted, groups=np.arange(90))
    twice = estimate(
        metric,
        np.tile(truth, 2),
        np.concatenate([predicted, predicted]),
        groups=np.tile(np.arange(90), 2),
    )
    assert twice.n == once.n
    if metric.name != "ari":  # pairs of copies agree, so the index itself moves a little
        assert (twice.low, twice.high) == pytest.approx((once.low, once.high), rel=1e-6)


@EVERY
def test_a_parameter_it_does_not_know_is_refused(metric: Metric) -> None:
    with pytest.raises(ValidationError):
        metric.params.model_validate({"nonsense": 1})


@EVERY
def test_a_missing_row_is_refused(metric: Metric) -> None:
    truth, predicted = sample(metric, 1)
    with pytest.raises(Malformed, match=r"expected shape \(60, ?\w*\), got \(59, ?\d*\)"):
        metric.pair(truth, predicted[:-1])


@EVERY
def test_nan_and_infinity_are_refused(metric: Metric) -> None:
    truth, _ = sample(metric, 1)
    for bad in (math.nan, math.inf):
        predicted = np.full(60, 0.5)
        predicted[3] = bad
        with pytest.raises(Malformed):
            metric.pair(truth, predicted)


@EVERY
@pytest.mark.filterwarnings("error")
def test_absurd_numbers_give_no_finite_pass_and_no_warning(metric: Metric) -> None:
    truth, _ = sample(metric, 1)
    try:
        made = metric.pair(truth, np.full(60, 1e308))
        found = metric.estimate(made)
    except Malformed:
        return
    assert not (math.isfinite(found.value) and found.value == metric.best)
