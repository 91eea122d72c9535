import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrun.domain.grade import Plot
from labrun.grading.metric import METRICS
from labrun.grading.pictures import LEAST_IN_BIN, pictures
from labrun.report.drawings import DRAWINGS

RNG = np.random.default_rng(8)


def plots(metric: str, truth: Any, predicted: Any) -> dict[str, Plot]:
    chosen = METRICS[metric]
    made = chosen.pair(np.asarray(truth), np.asarray(predicted))
    return {plot.kind: plot for plot in pictures(chosen, "my-check", made)}


def test_labels_are_shown_as_a_table_of_truth_by_prediction() -> None:
    truth = np.array(["a", "b"] * 10, dtype=object)
    predicted = np.array(["a", "a"] * 5 + ["a", "b"] * 5, dtype=object)
    plot = plots("accuracy", truth, predicted)["confusion"]
    assert list(plot.series["counts"]) == [10, 0, 5, 5]
    assert list(plot.labels) == ["a", "b"]
    assert plot.id == "my-check-confusion"


def test_what_no_class_is_called_stands_in_one_column() -> None:
    truth = np.arange(40) % 2
    plot = plots("macro_f1", truth, np.where(np.arange(40) < 20, truth, 99))["confusion"]
    assert list(plot.labels) == ["0", "1", "other"]
    assert list(plot.series["counts"]) == [10, 0, 10, 0, 10, 10, 0, 0, 0]


def test_a_label_given_to_few_rows_does_not_tell_their_class() -> None:
    predicted = np.zeros(40, int)
    predicted[:4] = 1
    plot = plots("accuracy", np.arange(40) % 2, predicted)["confusion"]
    assert list(plot.series["counts"]) == [18, 0, 18, 0]


def test_many_classes_are_not_drawn() -> None:
    many = np.arange(400) % 31
    assert plots("accuracy", many, many) == {}


def test_decisions_are_labels() -> None:
    truth = np.arange(40) % 2
    assert plots("expected_cost", truth, truth)["confusion"].series["counts"] == (20, 0, 0, 20)


def test_probabilities_have_a_roc_and_a_calibration_curve() -> None:
    p = RNG.random(2000)
    found = plots("log_loss", RNG.random(2000) < p, p)
    roc, calibration = found["roc"].series, found["calibration"].series
    assert len(roc["fpr"]) == len(roc["tpr"]) == 60
    assert (roc["fpr"][0], roc["fpr"][-1], roc["tpr"][-1]) == (0, 1, 1)
    assert list(roc["tpr"]) == sorted(roc["tpr"])
    assert calibration["observed"] == pytest.approx(calibration["predicted"], abs=0.1)
    assert sum(calibration["count"]) == 2000


def test_scores_beyond_0_and_1_are_not_calibrated() -> None:
    assert set(plots("roc_auc", np.arange(200) % 2, RNG.normal(size=200))) == {"roc"}


def test_numbers_are_shown_against_the_truth_and_as_residuals() -> None:
    truth = RNG.normal(size=1000)
    found = plots("rmse", truth, truth + RNG.normal(size=1000))
    against, residuals = found["predicted-true"].series, found["residuals"].series
    assert list(against["predicted_mean"]) == sorted(against["predicted_mean"])
    lows, highs = against["true_low"], against["true_high"]
    assert all(low < high for low, high in zip(lows, highs, strict=True))
    assert sum(residuals["count"]) > 950
    assert residuals["left"][1:] == residuals["right"][:-1]


def test_clusters_have_no_plot() -> None:
    assert plots("ari", np.arange(50) % 3, np.arange(50) % 3) == {}


def test_one_prediction_for_all_draws_what_there_is() -> None:
    assert set(plots("rmse", np.arange(100.0), np.zeros(100))) == {"predicted-true", "residuals"}
    assert plots("rmse", np.zeros(100), np.zeros(100)).keys() == {"predicted-true"}
    assert set(plots("roc_auc", np.arange(100) % 2, np.zeros(100))) == {"roc", "calibration"}


@pytest.mark.parametrize("metric", ["rmse", "roc_auc", "accuracy", "log_loss"])
def test_a_handful_of_rows_is_not_drawn(metric: str) -> None:
    assert plots(metric, [0, 1, 0, 1], [0, 1, 1, 0]) == {}


@given(seed=st.integers(0, 2**32), n=st.integers(2, 300), big=st.sampled_from([1, 1e307]))
def test_no_plot_counts_fewer_rows_than_a_bin_must_have(seed: int, n: int, big: float) -> None:
    rng = np.random.default_rng(seed)
    truth, p = np.arange(n) % 2, rng.random(n)
    drawn = [
        *plots("mae", rng.normal(size=n), rng.normal(size=n) * big).values(),
        *plots("log_loss", truth, p).values(),
        *plots("accuracy", truth, rng.integers(0, 4, n)).values(),
    ]
    for plot in drawn:
        assert plot.kind in DRAWINGS
        assert len({len(column) for column in plot.series.values()}) == 1
        assert all(math.isfinite(value) for column in plot.series.values() for value in column)
        if "count" in plot.series:
            assert all(not 0 < count < LEAST_IN_BIN for count in plot.series["count"])
        if plot.kind == "roc":
            step = plot.series["fpr"][1] - plot.series["fpr"][0]
            assert step * (n // 2) > LEAST_IN_BIN - 1


def test_two_residuals_cannot_be_read_off_the_edges() -> None:
    truth = np.zeros(200)
    truth[:4] = 1234.5678
    edges = plots("mae", truth, np.zeros(200))["residuals"].series
    assert edges["left"][0] == -1200
