"""How each kind of plot is drawn on axes; every function returns what it shows, in words."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from labrun.domain.grade import Plot
from labrun.report.printable import one_line

Column = tuple[float, ...]

MOST_POINTS = 400  # more cannot be told apart and would make the page heavy
MOST_LABELS = 40
MOST_CELLS_WITH_NUMBERS = 144
LARGEST = 1e12


class BadPlotError(ValueError):
    """The series of a plot cannot be drawn; the message ends a sentence that names the plot."""


@dataclass(frozen=True)
class Palette:
    """The colours of one medium."""

    ink: str
    pale: str
    one: str
    two: str


Draw = Callable[[Any, Plot, Palette], str]


def confusion(axes: Any, plot: Plot, palette: Palette) -> str:
    """Draw counts of true class by predicted class; a cell is as dark as its share of the row."""
    labels = [one_line(label, 16) for label in plot.labels]
    size = len(labels)
    counts = _columns(plot, "counts")["counts"]
    if not 0 < size <= MOST_LABELS or len(counts) != size * size or min(counts) < 0:
        msg = f"{len(counts)} counts do not fit {size} labels"
        raise BadPlotError(msg)
    for row in range(size):
        _confusion_row(axes, palette, row, counts[row * size : (row + 1) * size])
    axes.set(xlim=(-0.5, size - 0.5), ylim=(size - 0.5, -0.5), aspect="equal")
    axes.set_xticks(range(size), labels, rotation=45 if size > 4 else 0)  # noqa: PLR2004  (room)
    axes.set_yticks(range(size), labels)
    total, right = sum(counts), sum(counts[:: size + 1])
    share = f" ({right / total:.1%})" if total else ""
    return (
        f"{right:,.0f} of {total:,.0f} rows{share} lie on the diagonal, where the class is right."
    )


def _confusion_row(axes: Any, palette: Palette, row: int, counts: Column) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415  (heavy)

    total, size = sum(counts) or 1, len(counts)
    for column, count in enumerate(counts):
        colour = palette.one if row == column else palette.two
        cell = Rectangle((column - 0.48, row - 0.48), 0.96, 0.96, facecolor=colour, linewidth=0)
        cell.set_alpha(0.06 + 0.5 * count / total)
        axes.add_patch(cell)
        if size * size <= MOST_CELLS_WITH_NUMBERS:
            font = 11 if size <= 5 else 7  # noqa: PLR2004  (room)
            centre = {"ha": "center", "va": "center", "color": palette.ink, "fontsize": font}
            axes.text(column, row, f"{count:,.0f}", **centre)


def roc(axes: Any, plot: Plot, palette: Palette) -> str:
    """Draw the true against the false positive rate, over the line of chance."""
    columns = _columns(plot, "fpr", "tpr")
    false, true = columns["fpr"], columns["tpr"]
    _diagonal(axes, palette, 0, 1, "chance")
    axes.plot(_thinned(false), _thinned(true), color=palette.one, linewidth=2, label="submission")
    axes.fill_between(_thinned(false), _thinned(true), color=palette.one, alpha=0.12, linewidth=0)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    axes.legend(loc="lower right")
    steps = zip(false, false[1:], true, true[1:], strict=False)
    area = sum((right - left) * (low + high) / 2 for left, right, low, high in steps)
    return f"The area under the curve is {area:.3f}; chance would be 0.5."


def calibration(axes: Any, plot: Plot, palette: Palette) -> str:
    """Draw the observed share against the predicted probability, a dot as large as its bin."""
    columns = _columns(plot, "predicted", "observed", "count")
    predicted, observed, count = (columns[name] for name in ("predicted", "observed", "count"))
    largest = max(count) or 1
    _diagonal(axes, palette, 0, 1, "perfectly calibrated")
    axes.plot(predicted, observed, color=palette.one, linewidth=1.5, label="submission")
    sizes = [20 + 160 * max(each, 0) / largest for each in count]
    axes.scatter(predicted, observed, s=sizes, color=palette.one, alpha=0.75, linewidths=0)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    axes.legend(loc="upper left")
    gap, at = max((abs(one - two), one) for one, two in zip(predicted, observed, strict=True))
    return f"The largest gap is {gap:.3f}, where the predicted probability is {at:.2f}."


def predicted_true(axes: Any, plot: Plot, palette: Palette) -> str:
    """Draw mean true values of bins of predictions, with the spread of the true values."""
    names = ("predicted_mean", "true_mean", "true_low", "true_high", "count")
    columns = _columns(plot, *names)
    x, y, low, high, count = (columns[name] for name in names)
    _diagonal(axes, palette, min(*x, *low), max(*x, *high), "predicted = true")
    axes.vlines(x, low, high, color=palette.one, alpha=0.45, linewidth=4, label="spread of true")
    axes.plot(x, y, color=palette.one, marker="o", linewidth=1.5, label="mean of true")
    axes.legend(loc="upper left")
    _short_numbers(axes.xaxis, axes.yaxis)
    return f"{sum(count):,.0f} rows in {len(x)} bins of the predicted value."


def residuals(axes: Any, plot: Plot, palette: Palette) -> str:
    """Draw how many rows miss by how much."""
    columns = _columns(plot, "left", "right", "count")
    left, right, count = (columns[name] for name in ("left", "right", "count"))
    widths = [end - start for start, end in zip(left, right, strict=True)]
    axes.bar(left, count, widths, align="edge", color=palette.one, alpha=0.75, linewidth=0)
    axes.axvline(0, color=palette.two, linewidth=2, linestyle="--", label="no error")
    axes.legend(loc="upper left")
    _short_numbers(axes.xaxis)
    total = sum(count)
    below = sum(each for each, end in zip(count, right, strict=True) if end <= 0)
    share = f"; {below / total:.0%} of them below zero" if total else ""
    return f"{total:,.0f} rows in {len(count)} bins{share}."


DRAWINGS: dict[str, Draw] = {
    "calibration": calibration,
    "confusion": confusion,
    "predicted-true": predicted_true,
    "residuals": residuals,
    "roc": roc,
}


def _diagonal(axes: Any, palette: Palette, low: float, high: float, label: str) -> None:
    style = {"color": palette.pale, "linewidth": 1.2, "linestyle": "--"}
    axes.plot([low, high], [low, high], label=label, **style)


def _short_numbers(*sides: Any) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415  (heavy)

    for side in sides:
        side.set_major_locator(MaxNLocator(6))
        side.set_major_formatter(lambda number, _: _short(number))


def _short(number: float) -> str:
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= 10 * size:
            return f"{number / size:g}{sign}"
    return f"{number:g}"


def _columns(plot: Plot, *names: str) -> dict[str, Column]:
    """Return the named series without the rows that hold no number."""
    if missing := [name for name in names if name not in plot.series]:
        msg = f"it lacks the series {missing[0]!r}"
        raise BadPlotError(msg)
    if len({len(plot.series[name]) for name in names}) > 1:
        msg = f"the series {', '.join(names)} differ in length"
        raise BadPlotError(msg)
    rows = zip(*(plot.series[name] for name in names), strict=True)
    kept = [row for row in rows if all(math.isfinite(each) for each in row)]
    if not kept:
        msg = "there is nothing to draw"
        raise BadPlotError(msg)
    if any(abs(each) > LARGEST for row in kept for each in row):
        msg = f"it holds numbers beyond {LARGEST:g}"
        raise BadPlotError(msg)
    return dict(zip(names, zip(*kept, strict=True), strict=True))


def _thinned(column: Sequence[float]) -> list[float]:
    if len(column) <= MOST_POINTS:
        return list(column)
    last = len(column) - 1
    return [column[round(step * last / (MOST_POINTS - 1))] for step in range(MOST_POINTS)]
