"""What costs no model: the majority class, the luck of few rows, and columns left empty."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from labrun.domain.audit import Flaw, FlawName, Severity
from labrun.grading.audit.subject import Mark, Subject, codes, numbers
from labrun.grading.predictions import Array
from labrun.grading.uncertainty import Z, wilson

EXAM_ROWS, GOOD_ROWS = 750, 2000
CLOSE = 0.05
MUCH_MISSING, ALL_MISSING = 0.3, 0.95


def majority(subject: Subject) -> Iterator[Flaw]:
    """Hold the share of the largest class against each mark on accuracy."""
    largest = float(np.bincount(codes(subject.hidden.answers)).max() / subject.hidden.rows)
    for mark in subject.marks:
        if mark.metric.name != "accuracy" or mark.lowest - largest >= CLOSE:
            continue
        above = largest >= mark.lowest
        yield subject.flaw(
            FlawName.MAJORITY_CLASS,
            Severity.ERROR if above else Severity.WARNING,
            f"check {mark.check!r}",
            f"{100 * largest:.3g} % of the answers are one class, points begin at {mark.lowest:g}",
            number=largest,
            help="raise the mark, or take balanced_accuracy, macro_f1 or roc_auc",
        )


def hidden_size(subject: Subject) -> Iterator[Flaw]:
    """Say how far chance alone moves a score on so many hidden rows."""
    n = subject.hidden.rows
    if n >= GOOD_ROWS:
        return
    few = n < EXAM_ROWS
    wide = [text for mark in subject.marks if (text := _width(mark, subject.hidden.answers))]
    least = f"an exam takes at least {EXAM_ROWS}" if few else f"{GOOD_ROWS:,} are better"
    yield subject.flaw(
        FlawName.HIDDEN_SIZE,
        Severity.ERROR if few and subject.exam else Severity.WARNING,
        subject.hidden.name,
        f"{n:,} hidden rows, {least}" + (f"; at its mark {', '.join(wide)}" if wide else ""),
        number=n,
        help="hide more rows, or set the mark with a ramp wider than the interval",
    )


def missing(subject: Subject) -> Iterator[Flaw]:
    """Name the columns that are empty in many rows."""
    shares = {name: _empty(column) for name, column in subject.hidden.columns.items()}
    for names, severity in (
        ({k: v for k, v in shares.items() if v >= ALL_MISSING}, Severity.WARNING),
        ({k: v for k, v in shares.items() if MUCH_MISSING <= v < ALL_MISSING}, Severity.NOTE),
    ):
        if names:
            shown = ", ".join(
                f"{name} {100 * part:.0f} %" for name, part in list(names.items())[:8]
            )
            more = f" and {len(names) - 8} more" if len(names) > 8 else ""  # noqa: PLR2004
            yield subject.flaw(
                FlawName.MISSING,
                severity,
                subject.hidden.name,
                f"columns without many of their values: {shown}{more}",
                number=max(names.values()),
                help="say in the README why, or leave the column out",
            )


def half_width(mark: Mark, answers: Array) -> float | None:
    """Return the half-width of a 95 % interval around the mark, or None without a formula.

    Proportions by Wilson; AUC by Hanley and McNeil, Radiology 143 (1982); RMSE and MAE for normal
    errors; R² by its large-sample standard error, 2 R (1 - R²) / sqrt(n).
    """
    formula = WIDTHS.get(mark.metric.name)
    return formula(mark.lowest, answers) if formula else None


def _width(mark: Mark, answers: Array) -> str:
    half = half_width(mark, answers)
    return "" if half is None else f"{mark.metric.name} {mark.lowest:g} is known to ±{half:.2g}"


def _accuracy_width(at: float, answers: Array) -> float:
    found = wilson(round(at * len(answers)), len(answers))
    return (found.high - found.low) / 2


def _rmse_width(at: float, answers: Array) -> float:
    return Z * at / math.sqrt(2 * len(answers))


def _mae_width(at: float, answers: Array) -> float:
    return Z * at * math.sqrt((math.pi / 2 - 1) / len(answers))


def _r2_width(at: float, answers: Array) -> float:
    return Z * 2 * math.sqrt(max(at, 0)) * (1 - at) / math.sqrt(len(answers))


def _auc_width(area: float, answers: Array) -> float:
    positive = int(_positive(answers).sum())
    negative = len(answers) - positive
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area)
    variance += (positive - 1) * (one - area**2) + (negative - 1) * (two - area**2)
    return Z * math.sqrt(max(variance, 0) / (positive * negative))


WIDTHS: dict[str, Callable[[float, Array], float]] = {
    "accuracy": _accuracy_width,
    "roc_auc": _auc_width,
    "rmse": _rmse_width,
    "rmsle": _rmse_width,
    "mae": _mae_width,
    "r2": _r2_width,
}


def _positive(answers: Array) -> Array:
    """Return which rows are of the positive class, the larger label of two."""
    top = max(answers.tolist(), key=lambda value: (str(type(value)), value))
    return np.asarray(answers == top)


def _empty(column: Array) -> float:
    values = numbers(column)
    gone = np.isnan(values) if values is not None else np.array([each is None for each in column])
    return float(gone.mean())
