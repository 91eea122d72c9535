"""A constant earns nothing of a threshold whose mark stands above chance."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from labrun.domain.lab import Lab
from labrun.grading.constants import earned_by_constants

MakeLab = Callable[..., Lab]
LABELS = np.array(["a"] * 70 + ["b"] * 30, dtype=object)
RIGHT = np.array(["a b"] * 70 + ["c"] * 30, dtype=object)
BINARY = (np.arange(100) < 28).astype(int)
NUMBERS = np.random.default_rng(2).lognormal(3, 1, 100)


def check(metric: str, at: float, **fields: Any) -> dict[str, Any]:
    decision = {"rule": "point", "at": at}
    return {
        "id": metric.replace("_", "-"),
        "type": "threshold",
        "metric": metric,
        "points": 50,
        "decision": decision,
    } | fields


def earned(lab: Lab, truth: Any) -> float:
    return max(each.points for each in earned_by_constants(lab, {"truth": {"y": truth}}))


@pytest.mark.parametrize(
    ("metric", "truth", "low", "high"),
    [
        ("accuracy", LABELS, 0.69, 0.71),
        ("balanced_accuracy", LABELS, 0.49, 0.51),
        ("roc_auc", BINARY, 0.49, 0.51),
        ("log_loss", BINARY, 0.60, 0.59),
        ("expected_cost", BINARY, 0.30, 0.26),
        ("r2", NUMBERS, -0.01, 0.01),
        ("ari", LABELS, -0.01, 0.01),
        ("ndcg_at_10", RIGHT, 0.84, 0.86),
        ("bits_per_symbol", BINARY, 0.86, 0.85),
    ],
)
def test_the_best_constant_of_each_kind_is_found(
    lab: MakeLab, metric: str, truth: Any, low: float, high: float
) -> None:
    assert earned(lab(check(metric, low)), truth) == 50
    assert earned(lab(check(metric, high)), truth) == 0


def test_the_geometric_mean_is_the_constant_for_ratios(lab: MakeLab) -> None:
    best = float(np.log1p(NUMBERS).std())
    assert earned(lab(check("rmsle", best + 1e-3)), NUMBERS) == 50
    assert earned(lab(check("rmsle", best - 1e-3)), NUMBERS) == 0


def test_a_check_that_waits_for_one_that_a_constant_fails_earns_nothing(lab: MakeLab) -> None:
    honest = check("ece", 0.05)
    assert earned(lab(honest), BINARY) == 50  # one probability for all is well calibrated
    waits = honest | {"needs": ["roc-auc"]}
    assert earned(lab(check("roc_auc", 0.7), waits), BINARY) == 0


def test_checks_that_run_code_count_as_passed(lab: MakeLab) -> None:
    tests = {"id": "code", "type": "hidden-tests", "path": "hidden/test_a.py"}
    assert earned(lab(tests, check("accuracy", 0.6, needs=["code"])), LABELS) == 50


def test_a_lab_without_thresholds_has_no_constants(lab: MakeLab) -> None:
    tests = {"id": "code", "type": "hidden-tests", "path": "hidden/test_a.py", "points": 5}
    assert earned_by_constants(lab(tests), {}) == []


def test_every_seed_of_a_lab_says_the_same(lab: MakeLab) -> None:
    phases = [
        {"name": "fit", "call": "s:fit", "seeded": True},
        {"name": "predict", "call": "s:predict"},
    ]
    made = lab(check("accuracy", 0.9), phases=phases, grading={"seeds": 3})
    assert earned(made, LABELS) == 0
