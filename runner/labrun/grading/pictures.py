"""Plots of predictions against truth, as aggregates: no row of the hidden data can be read off."""

import numpy as np

from labrun.domain.grade import Plot
from labrun.grading.metric import Array, Metric, Takes

BINS = 10
LEAST_IN_BIN = 5
MOST_CLASSES = 30
POINTS = 60


def pictures(metric: Metric, name: str, truth: Array, predicted: Array) -> tuple[Plot, ...]:
    """Return the plots that fit a metric; ``truth`` and ``predicted`` as it takes them."""
    slug = name.replace("_", "-")
    if metric.takes in (Takes.LABELS, Takes.DECISIONS):
        return _confusion(slug, truth, predicted)
    if metric.takes in (Takes.SCORES, Takes.PROBABILITIES):
        within = ((predicted >= 0) & (predicted <= 1)).all()
        roc = _roc(slug, truth, predicted)
        return (*roc, *(_calibration(slug, truth, predicted) if within else ()))
    if metric.takes is Takes.NUMBERS:
        return (*_against(slug, truth, predicted), *_residuals(slug, truth, predicted))
    return ()


def _confusion(slug: str, truth: Array, predicted: Array) -> tuple[Plot, ...]:
    classes, codes = np.unique(np.concatenate([truth, predicted]), return_inverse=True)
    k = len(classes)
    if k > MOST_CLASSES or len(truth) < LEAST_IN_BIN * k:
        return ()
    t, p = codes[: len(truth)], codes[len(truth) :]
    counts = np.bincount(t * k + p, minlength=k * k)
    return (
        Plot(
            id=f"{slug}-confusion",
            kind="confusion",
            title="Which classes are taken for which",
            x_label="predicted",
            y_label="true",
            series={"counts": _floats(counts)},
            labels=tuple(str(label)[:30] for label in classes),
        ),
    )


def _roc(slug: str, truth: Array, scores: Array) -> tuple[Plot, ...]:
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(truth[order])[ends] / max(truth.sum(), 1)
    false = np.cumsum(1 - truth[order])[ends] / max((1 - truth).sum(), 1)
    at = np.linspace(0, 1, POINTS)
    curve = np.interp(at, np.append(0, false), np.append(0, hits))
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
    if len(parts) < 2:  # noqa: PLR2004
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
    low, high = np.quantile(residuals, [0.01, 0.99])
    if not low < high:
        return ()
    counts, edges = np.histogram(np.clip(residuals, low, high), bins=min(20, len(truth) // 10 or 1))
    counts = np.where(counts < LEAST_IN_BIN, 0, counts)
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


def _floats(values: object) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") for value in np.asarray(values, dtype=float))
