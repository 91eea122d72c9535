"""Plots of predictions against truth, as aggregates: no row of the hidden data can be read off."""

import math

import numpy as np

from labrun.domain.grade import Plot
from labrun.grading.metric import Metric
from labrun.grading.pairs import Pair, Takes
from labrun.grading.predictions import Array

BINS = 10
LEAST_IN_BIN = 5
MOST_CLASSES = 30
POINTS = 60


def pictures(metric: Metric, check: str, made: Pair) -> tuple[Plot, ...]:
    """Return the plots that fit a metric, named after the check that shows them."""
    with np.errstate(all="ignore"):
        plots = _fitting(metric.takes, check, made)
    return tuple(plot for plot in plots if all(map(_is_finite, plot.series.values())))


def _is_finite(column: tuple[float, ...]) -> bool:
    return all(map(math.isfinite, column))


def _fitting(takes: Takes, check: str, made: Pair) -> tuple[Plot, ...]:
    truth, predicted = made.truth, made.predicted
    plots: tuple[Plot, ...] = ()
    match takes:
        case Takes.LABELS | Takes.DECISIONS:
            plots = _confusion(check, truth, predicted.astype(int), made.classes)
        case Takes.SCORES | Takes.PROBABILITIES:
            plots = (*_roc(check, truth, predicted), *_calibration(check, truth, predicted))
        case Takes.NUMBERS:
            plots = (*_against(check, truth, predicted), *_residuals(check, truth, predicted))
        case Takes.CLUSTERS | Takes.RANKINGS | Takes.DISTRIBUTIONS:
            pass
    return plots


def _confusion(
    slug: str, truth: Array, predicted: Array, classes: tuple[str, ...]
) -> tuple[Plot, ...]:
    k = int(max(truth.max(), predicted.max())) + 1
    table = np.bincount(truth * k + predicted, minlength=k * k).reshape(k, k)
    few = table.sum(axis=0) < LEAST_IN_BIN  # a label given to one row would tell that row's class
    counts = np.where(few, 0, table)
    if k > MOST_CLASSES or not counts.any():
        return ()
    return (
        Plot(
            id=f"{slug}-confusion",
            kind="confusion",
            title="Which classes are taken for which",
            x_label="predicted",
            y_label="true",
            series={"counts": _floats(counts.ravel())},
            labels=tuple(label[:30] for label in classes[:k]),
        ),
    )


def _roc(slug: str, truth: Array, scores: Array) -> tuple[Plot, ...]:
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits, false = np.cumsum(truth[order])[ends], np.cumsum(1 - truth[order])[ends]
    points = min(POINTS, int(false[-1]) // LEAST_IN_BIN)  # a step of the curve is several rows
    if points < LEAST_IN_BIN:
        return ()
    at = np.linspace(0, 1, points)
    curve = np.interp(at, np.append(0, false / false[-1]), np.append(0, hits / hits[-1]))
    return (
        Plot(
            id=f"{slug}-roc",
            kind="roc",
            title="ROC curve",
            x_label="false positive rate",
            y_label="true positive rate",
            series={"fpr": _floats(at), "tpr": _floats(curve)},
        ),
    )


def _calibration(slug: str, truth: Array, p: Array) -> tuple[Plot, ...]:
    parts = _parts(p)
    if len(parts) < 2 or ((p < 0) | (p > 1)).any():  # noqa: PLR2004  (a line needs two points)
        return ()
    return (
        Plot(
            id=f"{slug}-calibration",
            kind="calibration",
            title="Calibration",
            x_label="mean predicted probability",
            y_label="observed frequency",
            series={
                "predicted": _floats([p[rows].mean() for rows in parts]),
                "observed": _floats([truth[rows].mean() for rows in parts]),
                "count": _floats([len(rows) for rows in parts]),
            },
        ),
    )


def _against(slug: str, truth: Array, predicted: Array) -> tuple[Plot, ...]:
    parts = _parts(predicted)
    if len(parts) < 2:  # noqa: PLR2004
        return ()
    return (
        Plot(
            id=f"{slug}-predicted-true",
            kind="predicted-true",
            title="Predicted against true, in groups of equal size",
            x_label="mean predicted",
            y_label="true: mean and middle 80 %",
            series={
                "predicted_mean": _floats([predicted[rows].mean() for rows in parts]),
                "true_mean": _floats([truth[rows].mean() for rows in parts]),
                "true_low": _floats([np.quantile(truth[rows], 0.1) for rows in parts]),
                "true_high": _floats([np.quantile(truth[rows], 0.9) for rows in parts]),
                "count": _floats([len(rows) for rows in parts]),
            },
        ),
    )


def _residuals(slug: str, truth: Array, predicted: Array) -> tuple[Plot, ...]:
    residuals = predicted - truth
    low, high = (_rounded(edge) for edge in np.quantile(residuals, [0.01, 0.99]))
    if not low < high or not np.isfinite(high - low):
        return ()
    counts, edges = np.histogram(np.clip(residuals, low, high), bins=min(20, len(truth) // 10 or 1))
    counts = np.where(counts < LEAST_IN_BIN, 0, counts)
    if not counts.any():
        return ()
    return (
        Plot(
            id=f"{slug}-residuals",
            kind="residuals",
            title="Residuals (the outer 1 % at the edges)",
            x_label="predicted minus true",
            y_label="rows",
            series={
                "left": _floats(edges[:-1]),
                "right": _floats(edges[1:]),
                "count": _floats(counts),
            },
        ),
    )


def _parts(values: Array) -> list[Array]:
    """Return row numbers in groups of about equal size by value, none too small to show."""
    bins = min(BINS, len(values) // LEAST_IN_BIN)
    if bins < 1:
        return []
    return [part for part in np.array_split(np.argsort(values, kind="stable"), bins) if len(part)]


def _rounded(value: float) -> float:
    return float(f"{value:.1e}")  # an exact edge would be the residual of one row


def _floats(values: object) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") for value in np.asarray(values, dtype=float))
