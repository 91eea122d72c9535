import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    adjusted_rand_score,
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    roc_auc_score,
)

from labrun.grading import bootstrap
from labrun.grading.metric import METRICS
from labrun.grading.metrics.classification import f1_means, recalls
from labrun.grading.metrics.clustering import adjusted_rand
from labrun.grading.predictions import Array
from labrun.grading.ranks import ranked, weighted_ap, weighted_auc
from labrun.grading.uncertainty import Interval


def drawn(seed: int, n: int = 80, k: int = 3) -> tuple[Array, Array, Array]:
    """Truth, predictions and how often each row was drawn; each class is drawn at least once."""
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % k
    predicted = np.where(rng.random(n) < 0.6, truth, rng.integers(0, k, n))
    weights = np.bincount(rng.integers(0, n, n), minlength=n)
    weights[:k] += 1
    return truth, predicted, weights


def cells_of(truth: Array, predicted: Array, weights: Array) -> tuple[Array, Array, Array]:
    width = int(predicted.max()) + 1
    cells, where = np.unique(truth * width + predicted, return_inverse=True)
    counts = np.bincount(where, weights, len(cells)).reshape(1, -1)
    return counts, cells // width, cells % width


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), k=st.integers(2, 6))
def test_drawn_tables_give_the_values_of_scikit_learn(seed: int, k: int) -> None:
    truth, predicted, weights = drawn(seed, k=k)
    cells = cells_of(truth, predicted, weights)
    rows = np.repeat(np.arange(len(truth)), weights)
    t, p = truth[rows], predicted[rows]
    assert recalls(*cells)[0] == pytest.approx(balanced_accuracy_score(t, p))
    assert f1_means(*cells)[0] == pytest.approx(f1_score(t, p, average="macro"))
    assert adjusted_rand(*cells)[0] == pytest.approx(adjusted_rand_score(t, p))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), ties=st.sampled_from([2, 1000]))
def test_drawn_ranks_give_the_values_of_scikit_learn(seed: int, ties: int) -> None:
    truth, _, weights = drawn(seed, k=2)
    scores = np.round((np.random.default_rng(seed).normal(size=80) + truth) * ties)
    order, hit, ends = ranked(truth, scores)
    drawn_in_order = weights[order].reshape(1, -1).astype(float)
    area = weighted_auc(drawn_in_order, hit, ends)[0]
    precision = weighted_ap(drawn_in_order, hit, ends)[0]
    assert area == pytest.approx(roc_auc_score(truth, scores, sample_weight=weights))
    assert precision == pytest.approx(average_precision_score(truth, scores, sample_weight=weights))


@pytest.mark.parametrize("name", ["rmse", "mae", "rmsle", "r2", "log_loss", "expected_cost"])
def test_the_bootstrap_over_rows_agrees_with_rows_drawn_one_by_one(name: str) -> None:
    metric, rng = METRICS[name], np.random.default_rng(4)
    truth = np.arange(200) % 2 if name in ("log_loss", "expected_cost") else rng.gamma(2, size=200)
    predicted = rng.random(200) if name != "expected_cost" else rng.integers(0, 2, 200)
    made = metric.pair(truth, predicted)
    values = []
    for _ in range(600):
        rows = rng.integers(0, 200, 200)
        values.append(metric.score(made.truth[rows], made.predicted[rows], metric.params()))
    found = metric.estimate(made)
    low, high = np.percentile(values, [2.5, 97.5])
    width = high - low
    assert found.low == pytest.approx(low, abs=0.15 * width)
    assert found.high == pytest.approx(high, abs=0.15 * width)


def test_clusters_that_agree_widen_the_interval() -> None:
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(30), 40)
    errors = rng.normal(size=30)[groups] + 0.1 * rng.normal(size=1200)
    metric = METRICS["rmse"]
    made = metric.pair(np.zeros(1200), errors)
    apart, together = metric.estimate(made), metric.estimate(made, groups=groups)
    assert together.high - together.low > 3 * (apart.high - apart.low)


@pytest.mark.parametrize("held", [1, 130, 10**9])
def test_how_much_is_held_at_a_time_does_not_change_the_result(
    monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    truth, predicted, _ = drawn(3)

    def found() -> list[Interval]:
        rng = np.random.default_rng
        rows = (truth == predicted).reshape(-1, 1).astype(float)
        groups = truth * 8 + predicted
        return [
            bootstrap.of_rows(rows, lambda means: means[:, 0], rng(1), None),
            bootstrap.of_rows(rows, lambda means: means[:, 0], rng(1), groups),
            bootstrap.of_weights(truth, lambda weights: weights @ predicted, rng(1), groups),
            bootstrap.of_cells(truth, predicted, adjusted_rand, rng(1), groups),
        ]

    monkeypatch.setattr(bootstrap, "DRAWS", 50)
    whole = found()
    monkeypatch.setattr(bootstrap, "HELD", held)
    for one, other in zip(whole, found(), strict=True):
        assert (one.low, one.high) == pytest.approx((other.low, other.high))


def test_a_label_for_every_row_costs_no_table_of_all_pairs() -> None:
    metric = METRICS["ari"]
    truth = np.arange(3000) % 3
    found = metric.estimate(metric.pair(truth, np.arange(3000)))
    assert found.value == pytest.approx(0, abs=0.01)
    labels = METRICS["macro_f1"]
    assert labels.estimate(labels.pair(truth, np.arange(3000) + 10)).value == 0


def test_draws_without_a_value_do_not_count() -> None:
    found = bootstrap.percentile(np.array([1.0, math.nan, 1.0]), "x")
    assert (found.low, found.high) == (1, 1)
    none = bootstrap.percentile(np.array([math.nan]), "x")
    assert (none.low, none.high) == (-math.inf, math.inf)


def paired(groups: Array | None) -> tuple[Interval, Interval]:
    rng = np.random.default_rng(6)
    strata = np.arange(400) % 2
    noise = rng.normal(size=400)  # shared by both: pairing takes it out
    first, second = noise + 0.1 * rng.normal(size=400) + 0.1, noise + 0.1 * rng.normal(size=400)
    same = bootstrap.of_difference(
        lambda rows: first[rows].mean(), lambda rows: second[rows].mean(), strata, rng, groups
    )
    alone = bootstrap.of_rows(
        (first - second.mean()).reshape(-1, 1), lambda means: means[:, 0], rng, None
    )
    return same, alone


@pytest.mark.parametrize("groups", [None, np.arange(400) // 4])
def test_a_paired_difference_is_sharper_than_two_intervals(groups: Array | None) -> None:
    same, alone = paired(groups)
    assert same.low > 0
    assert alone.low < 0.1 < alone.high
    assert (same.high - same.low) < (alone.high - alone.low) / 3
    assert same.method.startswith("paired-")
