"""Judge and propose the marks of threshold checks from what the controls were measured to do.

The rules are those of docs/grading.md: the reference stands two standard errors beyond the mark
that earns everything, what must not pass two short of the mark that earns anything, and a ramp is
four wide. A standard error here holds both kinds of luck, that of the seed and that of the rows.
"""

import math
from dataclasses import dataclass
from typing import Any

from labrun.domain.calibration import BASELINE, At, MarkReport, Marks, Spread
from labrun.domain.lab import CheckSpec, Lab
from labrun.grading.check import bind
from labrun.grading.checks.threshold import ThresholdOptions
from labrun.grading.metric import METRICS
from labrun.grading.power import STEPS, chance_of_share, chance_to_reach
from labrun.grading.uncertainty import Z

CLEAR = 2.0  # standard errors between a control and a mark
WIDE = 4.0  # standard errors from the floor of a ramp to its top
DIGITS = 3
COUNTS_ROWS = "accuracy"


@dataclass(frozen=True)
class Measured:
    """What one threshold check saw of the reference and of what it must keep out."""

    reference: Spread
    low: Spread
    up: bool  # whether more is better

    def beyond(self, spread: Spread, errors: float) -> float:
        """Return the value that lies so many standard errors better than ``spread``."""
        return spread.mean + (errors if self.up else -errors) * spread.total

    def ahead(self, value: float, of: float) -> float:
        """Return by how much ``value`` is better than ``of``."""
        return value - of if self.up else of - value

    def se_at(self, value: float) -> float:
        """Return the standard error of one run at a value, between those that were measured."""
        apart = self.reference.mean - self.low.mean
        if not apart:
            return self.reference.total
        part = min(max((value - self.low.mean) / apart, 0.0), 1.0)
        return self.low.total + part * (self.reference.total - self.low.total)


def threshold_checks(lab: Lab) -> list[tuple[CheckSpec, ThresholdOptions]]:
    """Return the threshold checks of a lab with their options."""
    found = ((spec, bind(lab, spec).options) for spec in lab.checks)
    return [(spec, options) for spec, options in found if isinstance(options, ThresholdOptions)]


def at_stake(spec: CheckSpec) -> bool:
    """Return whether a check can cost anybody anything: one without points is for comparison."""
    return spec.points > 0 or spec.gate


def against(lab: Lab, check: str) -> str:
    """Return the control that must not reach the mark of ``check``."""
    cheat = lab.use.against.get(check)
    return f"cheats/{cheat}" if cheat else BASELINE


def marks_of(options: ThresholdOptions) -> Marks:
    """Return the marks of a check as a lab has them today."""
    said = options.decision
    return Marks(rule=said.rule, at=said.at, floor=said.floor, full=said.full)


def final(lab: Lab, measured: Spread) -> Spread:
    """Return what was measured on all hidden rows as it is on those that count in the end.

    Where a lab shows a share of its hidden rows as feedback, the rest decides: fewer rows.
    """
    kept = 1 - (lab.grading.feedback or 0.0)
    if kept == 1:
        return measured
    rows, se = max(1, math.floor(measured.n * kept)), measured.se / math.sqrt(kept)
    return measured.model_copy(update={"n": rows, "se": rounded(se)})


def judged(lab: Lab, spec: CheckSpec, reference: Spread, low: Spread) -> MarkReport:
    """Return what the measurements say about the marks of one threshold check of ``lab``."""
    (options,) = [each for one, each in threshold_checks(lab) if one.id == spec.id]
    metric, marks = METRICS[options.metric], marks_of(options)
    seen = Measured(reference, low, up=metric.greater_is_better)
    who = against(lab, spec.id)
    needed = deciding_value(lab, spec, marks)
    return MarkReport(
        check=spec.id,
        metric=metric.name,
        direction=metric.direction,
        marks=marks,
        against=who,
        above=_in_errors(seen.ahead(marks.first, low.mean), low.total),
        below=_in_errors(seen.ahead(reference.mean, marks.last), reference.total),
        width=_width(seen, marks),
        problems=tuple(problems(seen, marks, who)),
        proposed=proposed(seen, marks),
        needed=needed,
        curve=_curve(seen, options, marks.first if needed is None else needed),
    )


def problems(seen: Measured, marks: Marks, who: str = BASELINE) -> list[str]:
    """Return every rule that the marks break, as sentences with the numbers."""
    found = []
    first = "floor" if marks.rule == "ramp" else "mark"
    last = "full mark" if marks.rule == "ramp" else "mark"
    least, most = seen.beyond(seen.reference, -CLEAR), seen.beyond(seen.low, CLEAR)
    top = _with_interval(seen, marks.last) if marks.rule == "lower-bound" else marks.last
    if seen.ahead(least, top) < 0:
        found.append(
            f"the solution two standard errors down has {least:.4g}, short of the {last} {top:.4g}"
        )
    if seen.ahead(marks.first, most) < 0:
        found.append(
            f"{who} two standard errors up has {most:.4g}, beyond the {first} {marks.first:.4g}"
        )
    width = _width(seen, marks)
    if width is not None and width < WIDE:
        found.append(f"the ramp is {width:.1f} standard errors wide, which should be {WIDE:g}")
    return found


def proposed(seen: Measured, marks: Marks) -> Marks | None:
    """Return marks that keep every rule, or None where the two controls are too close for any.

    The room between the controls is divided: a point stands in its middle, a ramp takes what is
    left of it after the clear distance on both sides, from its middle outwards at most two thirds.
    """
    low, high = seen.beyond(seen.low, CLEAR), seen.beyond(seen.reference, -CLEAR)
    room = seen.ahead(high, low)
    if room <= 0:
        return None
    made = Marks(rule=marks.rule, at=_between(low, high, 0.5))
    if marks.rule == "ramp":
        spare = room - WIDE * seen.reference.total
        inset = min(1 / 6, max(spare, 0.0) / (2 * room))
        ends = _between(low, high, inset), _between(low, high, 1 - inset)
        made = Marks(rule="ramp", floor=ends[0], full=ends[1])
    return None if problems(seen, made) else made


def deciding_value(lab: Lab, spec: CheckSpec, marks: Marks) -> float | None:
    """Return the value that somebody needs who gets everything else right, to pass the lab.

    None where such a submission passes whatever its value.
    """
    others = lab.points - spec.points
    short = lab.grading.pass_score / 100 * lab.points - others
    if marks.rule != "ramp":
        return marks.first if short > 0 or spec.gate else None
    if short > 0:
        return marks.first + min(short / spec.points, 1.0) * (marks.last - marks.first)
    return marks.first if spec.gate else None


def _curve(seen: Measured, options: ThresholdOptions, needed: float) -> tuple[At, ...]:
    """Return P(reaching ``needed``) where the truth is 0, 1 or 2 standard errors off it."""
    se = seen.se_at(needed)
    mark = _with_interval(seen, needed) if options.decision.rule == "lower-bound" else needed
    points = []
    for step in STEPS:
        true = needed + step * se
        if options.metric == COUNTS_ROWS and not seen.reference.sd:
            p = chance_of_share(true, mark, seen.reference.n)
        else:
            p = chance_to_reach(true, mark, seen.se_at(true), greater_is_better=seen.up)
        points.append(At(true=rounded(true), p=rounded(p)))
    return tuple(points)


def _with_interval(seen: Measured, mark: float) -> float:
    """Return the value whose whole 95 % interval is on the good side of ``mark``."""
    half = Z * seen.reference.se
    return mark + half if seen.up else mark - half


def _width(seen: Measured, marks: Marks) -> float | None:
    if marks.rule != "ramp":
        return None
    return _in_errors(abs(marks.last - marks.first), seen.reference.total)


def _in_errors(distance: float, se: float) -> float:
    return rounded(distance / se) if se else math.copysign(1e6, distance)


def _between(low: float, high: float, part: float) -> float:
    return _short(low + part * (high - low), abs(high - low))


def _short(value: float, scale: float) -> float:
    """Return ``value`` with as few decimals as still tell a twentieth of ``scale``."""
    places = max(0, math.ceil(-math.log10(scale / 20)))
    return round(value, places)


def rounded(value: Any) -> float:
    """Return a number with the six digits that a calibration keeps."""
    return float(f"{float(value):.6g}")
