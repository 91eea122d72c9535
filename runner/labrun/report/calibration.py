"""A calibration for its author: what was measured, and whether the marks are clear of it."""

from collections.abc import Sequence

from labrun.domain.calibration import Calibration, ControlRuns, MarkReport, Marks, Spread
from labrun.report.printable import one_line

NOT_MEASURED = "not measured"


def calibration_text(made: Calibration) -> str:
    """Return the calibration as lines for a terminal."""
    data = f"   data {made.data[:12]}" if made.data else ""
    lines = [f"lab {made.lab} {made.version}   {len(made.seeds)} seeds{data}   {made.date}"]
    if not made.official:
        lines.append(f"UNOFFICIAL ({made.sandbox} sandbox): not for an exam")
    head = ["", "control", "passed", "P(pass) 95 %", "other rows", "scores"]
    lines += _table([head, *(_control(each) for each in made.controls)])
    for mark in made.marks:
        lines += ["", *_mark(made, mark)]
    if not made.marks:
        lines += ["", "no check with a mark: nothing to calibrate but the controls"]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _control(each: ControlRuns) -> list[str]:
    chance = each.chance
    scores = sorted({f"{score:g}" for score in each.scores}, key=float)
    shown = scores[0] if len(scores) == 1 else f"{scores[0]} to {scores[-1]}"
    return [
        "ok  " if each.holds else "FAIL",
        one_line(each.name, 60),
        f"{each.passed} of {each.runs}",
        f"{chance.p:.2f} [{chance.low:.2f}, {chance.high:.2f}]",
        f"{each.resampled:.3f}",
        shown if each.stops is None else f"{shown}, {_stopped(each)}",
    ]


def _stopped(each: ControlRuns) -> str:
    return f"stopped at {each.stops} in {each.stopped} of {each.runs}"


def _mark(made: Calibration, mark: MarkReport) -> list[str]:
    sign = "ok  " if mark.agrees else "FAIL"
    lines = [f"{sign}  {mark.check}: {mark.metric}, {mark.direction} is better, {said(mark.marks)}"]
    rows = [
        ["", "reference", spread(made.spread("solution", mark.check))],
        ["", mark.against, spread(made.spread(mark.against, mark.check))],
    ]
    lines += _table(rows)
    lines.append(f"      {distances(mark)}")
    lines += [f"      {problem}" for problem in mark.problems]
    lines.append(f"      {proposal(mark)}")
    return [*lines, *_curve(mark)]


def distances(mark: MarkReport) -> str:
    """Return how far the marks are from what was measured, in standard errors."""
    far = f"the reference is {mark.below:.1f} SE beyond the mark, "
    far += f"{mark.against} {mark.above:.1f} SE short of it"
    return far if mark.width is None else f"{far}; the ramp is {mark.width:.1f} SE wide"


def proposal(mark: MarkReport) -> str:
    """Return which marks would keep every rule."""
    if mark.proposed is None:
        return "proposed: none, the reference and the other are too close for any mark"
    keep = "; the lab's own may stay" if mark.agrees else ""
    return f"proposed: {said(mark.proposed)}{keep}"


def _curve(mark: MarkReport) -> list[str]:
    if mark.needed is None:
        head = f"P(some points, from {mark.marks.first:g}), if the model truly has"
    else:
        head = (
            f"P(pass, with all else right), which takes {mark.needed:.4g}, if the model truly has"
        )
    rows = [
        ["", *(f"{at.true:.4g}" for at in mark.curve)],
        ["", *(f"{at.p:.1%}" for at in mark.curve)],
    ]
    return [f"      {head}", *_table(rows)]


def question(mark: MarkReport) -> str:
    """Return what the curve gives the probability of."""
    if mark.needed is None:
        return f"P(some points, from {mark.marks.first:g}), if the model truly has"
    return f"P(pass, with all else right), which takes {mark.needed:.4g}, if the model truly has"


def said(marks: Marks) -> str:
    """Return marks in words: ``ramp from 0.77 to 0.815``."""
    if marks.rule == "ramp":
        return f"ramp from {marks.first:g} to {marks.last:g}"
    return f"{marks.rule} at {marks.first:g}"


def spread(found: Spread | None) -> str:
    """Return a mean with both kinds of luck."""
    if found is None:
        return NOT_MEASURED
    return f"{found.mean:.4g}   SE {found.se:.2g} (rows), SD {found.sd:.2g} (seeds)   n {found.n:,}"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
