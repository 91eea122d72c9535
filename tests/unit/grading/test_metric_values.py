"""The metrics are numpy's own; scikit-learn, which takes a second to import, says what is right."""

import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from labrun.grading.metric import METRICS
from labrun.grading.pairs import Takes
from labrun.grading.predictions import Array
from labrun.grading.uncertainty import delong

Reference = Callable[[Array, Array], float]


def _of_known_classes(score: Callable[..., float]) -> Reference:
    def value(truth: Array, predicted: Array) -> float:
        known = np.unique(truth)
        return score(truth, predicted, labels=known, average="macro", zero_division=0)

    return value


def _log_loss(truth: Array, p: Array) -> float:
    return float(sk.log_loss(truth, np.clip(p, 1e-15, 1 - 1e-15), labels=[0, 1]))


def _odds_gap(truth: Array, decided: Array) -> float:
    """Recall of answer 1, and of answer 0, in each group: the furthest two apart."""
    groups = [truth // 2 == group for group in range(int(truth.max()) // 2 + 1)]
    return max(
        float(np.ptp([sk.recall_score(truth[g] % 2, decided[g], pos_label=answer) for g in groups]))
        for answer in (0, 1)
    )


REFERENCES: dict[str, Reference] = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": _of_known_classes(sk.recall_score),
    "macro_f1": _of_known_classes(sk.f1_score),
    "ari": sk.adjusted_rand_score,
    "roc_auc": sk.roc_auc_score,
    "average_precision": sk.average_precision_score,
    "log_loss": _log_loss,
    "rmse": sk.root_mean_squared_error,
    "mae": sk.mean_absolute_error,
    "rmsle": sk.root_mean_squared_log_error,
    "r2": sk.r2_score,
    "equalised_odds_gap": _odds_gap,
    "membership_auc": lambda truth, p: 0.5 + abs(sk.roc_auc_score(truth, p) - 0.5),
}
NOT_IN_SCIKIT_LEARN = {"ece", "expected_cost"}
OF_ROWS_OF_VALUES = {"ndcg_at_10", "bits_per_symbol"}  # compared from what learners return, below


def sample(takes: Takes, seed: int, n: int, ties: int) -> tuple[Array, Array]:
    """Truth and predictions as `pair` makes them, both classes in it, few or many ties."""
    rng = np.random.default_rng(seed)
    if takes is Takes.NUMBERS:
        truth = np.round(rng.gamma(2, size=n), ties % 7)
        return truth, np.abs(truth + rng.normal(size=n))
    if takes in (Takes.LABELS, Takes.CLUSTERS):
        classes = rng.integers(0, 4, n)
        # a class that nobody ever told, and a label that is none of the truth's
        return np.unique(classes, return_inverse=True)[1], rng.integers(0, 6, n) % (3 + ties % 3)
    if takes is Takes.GROUPED:
        return rng.permutation(np.arange(n) % 6), rng.integers(0, 2, n)
    truth = (np.arange(n) % 5 == 0).astype(int)
    return truth, np.clip(np.round((truth + rng.normal(size=n)) * ties) / ties / 4 + 0.4, 0, 1)


def test_each_metric_has_a_reference_or_a_reason() -> None:
    assert set(REFERENCES) | NOT_IN_SCIKIT_LEARN | OF_ROWS_OF_VALUES == set(METRICS.all())


@pytest.mark.parametrize("name", sorted(REFERENCES))
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), n=st.integers(6, 400), ties=st.sampled_from([1, 2, 3, 20, 999]))
def test_a_value_is_that_of_scikit_learn(name: str, seed: int, n: int, ties: int) -> None:
    metric = METRICS[name]
    truth, predicted = sample(metric.takes, seed, n, ties)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes without a row, and names about to change
        expected = REFERENCES[name](truth, predicted)
    assert metric.score(truth, predicted, metric.params()) == pytest.approx(expected, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), rows=st.integers(2, 50), right=st.integers(1, 14))
def test_the_gain_of_a_ranking_is_that_of_scikit_learn(seed: int, rows: int, right: int) -> None:
    rng = np.random.default_rng(seed)
    scores = np.array([rng.permutation(20) for _ in range(rows)], dtype=float)
    relevant = np.zeros((rows, 20))
    for row in relevant:
        row[rng.choice(20, rng.integers(1, right + 1), replace=False)] = 1
    truth = np.array([" ".join(f"i{i}" for i in np.flatnonzero(row)) for row in relevant], object)
    told = [" ".join(f"i{i}" for i in np.argsort(-row)[:10]) for row in scores]
    metric = METRICS["ndcg_at_10"]
    found = metric.estimate(metric.pair(truth, np.array(told, dtype=object)))
    assert found.value == pytest.approx(sk.ndcg_score(relevant, scores, k=10))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), n=st.integers(3, 200), classes=st.integers(2, 9))
def test_bits_are_the_log_loss_of_scikit_learn(seed: int, n: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    truth, p = rng.integers(0, classes, n), rng.dirichlet(np.ones(classes), n)
    metric = METRICS["bits_per_symbol"]
    found = metric.estimate(metric.pair(truth, p))
    expected = sk.log_loss(truth, p, labels=list(range(classes))) / np.log(2)
    assert found.value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "truth", "predicted"),
    [
        ("r2", [1.0, 1.0], [1.0, 1.0]),
        ("r2", [1.0, 1.0], [1.0, 2.0]),
        ("r2", [0.0, 1.0], [1e200, 1.0]),
        ("rmse", [0.0, 0.0], [1e200, 1.0]),
        ("ari", [0, 0], [0, 0]),
        ("ari", [0, 0], [0, 1]),
        ("ari", [0, 1], [0, 0]),
        ("ari", [0, 1], [0, 1]),
        ("roc_auc", [1, 1], [0.2, 0.3]),
        ("roc_auc", [0, 1], [0.3, 0.3]),
        ("average_precision", [0, 0], [0.2, 0.3]),
        ("average_precision", [0, 1], [0.3, 0.3]),
        ("log_loss", [0, 1], [1.0, 0.0]),
        ("log_loss", [0, 1], [0.0, 1.0]),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_an_edge_is_that_of_scikit_learn(name: str, truth: Any, predicted: Any) -> None:
    metric, here = METRICS[name], np.array(truth)
    found = metric.score(here, np.array(predicted), metric.params())
    expected = REFERENCES[name](here, np.array(predicted))
    assert found == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_the_area_in_delongs_interval_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 10_000)
    scores = np.round(truth + rng.normal(size=10_000), 1)
    found = delong(truth, scores)
    middle = (found.low + found.high) / 2
    assert middle == pytest.approx(sk.roc_auc_score(truth, scores), abs=1e-12)


def test_a_grader_scores_and_bootstraps_without_importing_scikit_learn() -> None:
    code = """
import sys
import numpy as np
from labrun.grading.metric import METRICS
for each in METRICS.all().values():
    truth, predicted, _ = each.example
    as_text = [object if isinstance(column[0], str) else None for column in (truth, predicted)]
    each.estimate(each.pair(*map(np.array, (truth, predicted), as_text)))
sys.exit(sorted({"sklearn", "scipy", "pandas"} & set(sys.modules)) or None)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
