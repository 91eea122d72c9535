import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm, rankdata

from labrun.grading.metric import METRICS
from labrun.grading.predictions import Array
from labrun.grading.uncertainty import Z, delong, midranks, standard_error, wilson


@given(n=st.integers(1, 5000), share=st.floats(0, 1))
def test_wilson_agrees_with_scipy(n: int, share: float) -> None:
    hits = round(share * n)
    expected = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    found = wilson(hits, n)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(values=st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_midranks_agree_with_scipy(values: list[int]) -> None:
    assert midranks(np.array(values)).tolist() == rankdata(values).tolist()


def delong_by_pairs(truth: Array, scores: Array) -> tuple[float, float]:
    """Every positive against every negative, as DeLong, DeLong and Clarke-Pearson 1988 write it."""
    positive, negative = scores[truth == 1], scores[truth == 0]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    error = np.sqrt(
        wins.mean(axis=1).var(ddof=1) / len(positive)
        + wins.mean(axis=0).var(ddof=1) / len(negative)
    )
    return wins.mean() - norm.ppf(0.975) * error, wins.mean() + norm.ppf(0.975) * error


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), ties=st.sampled_from([3, 1000]))
def test_delong_agrees_with_all_pairs_compared(seed: int, ties: int) -> None:
    rng = np.random.default_rng(seed)
    truth = np.arange(50) % 2
    scores = np.round((truth + rng.normal(size=50)) * ties)
    low, high = delong_by_pairs(truth, scores)
    found = delong(truth, scores)
    assert (found.low, found.high) == pytest.approx((max(0, low), min(1, high)), abs=1e-12)


def test_ten_rows_told_apart_prove_little() -> None:
    truth = np.array([0] * 5 + [1] * 5)
    found = delong(truth, truth.astype(float))
    assert found.low < 0.6
    assert found.high == 1
    flipped = delong(truth, -truth.astype(float))
    assert (flipped.low, flipped.high) == pytest.approx((0, 1 - found.low))


def test_a_single_positive_proves_nothing() -> None:
    found = delong(np.array([0, 0, 1]), np.array([1.0, 2.0, 3.0]))
    assert (found.low, found.high) == (0, 1)


def test_the_standard_error_is_that_of_the_interval() -> None:
    rng = np.random.default_rng(1)
    metric = METRICS["mae"]
    errors = rng.normal(size=2000)
    found = metric.estimate(metric.pair(np.zeros(2000), errors))
    expected = np.abs(errors).std() / np.sqrt(2000)
    assert standard_error(found) == pytest.approx(expected, rel=0.1)


def test_z_is_the_normal_quantile() -> None:
    assert pytest.approx(norm.ppf(0.975)) == Z


def binary(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    truth = (rng.random(n) < 0.3).astype(int)
    return truth, rng.normal(size=n) + 1.2 * truth


def coverage(name: str, draw: object, true_value: float, rounds: int) -> float:
    metric, rng = METRICS[name], np.random.default_rng(20261123)
    inside = 0
    for seed in range(rounds):
        truth, predicted = draw(rng)  # type: ignore[operator]
        found = metric.estimate(metric.pair(truth, predicted), seed=seed)
        inside += found.low <= true_value <= found.high
    return inside / rounds


# 200 rounds: a true coverage of 95 % is seen below 90 % or at 99.5 % and more in 1 of 1,000 seeds,
# and the seed is fixed; the claim is that none of the intervals is off by much.
COVERED = {
    "accuracy": (
        lambda rng: (np.arange(300) % 2, np.where(rng.random(300) < 0.88, np.arange(300) % 2, 7)),
        0.88,
    ),
    "roc_auc": (lambda rng: binary(rng, 300), float(norm.cdf(1.2 / np.sqrt(2)))),
    "rmse": (lambda rng: (np.zeros(300), rng.normal(scale=2, size=300)), 2.0),
    "balanced_accuracy": (
        lambda rng: (np.arange(300) % 3, np.where(rng.random(300) < 0.8, np.arange(300) % 3, 7)),
        0.8,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COVERED)
def test_intervals_hold_the_truth_about_as_often_as_they_say(name: str) -> None:
    draw, true_value = COVERED[name]
    assert 0.90 <= coverage(name, draw, true_value, 200) <= 0.99
