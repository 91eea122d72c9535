"""May a lab decide an exam? Rule 8 of the design: every answer follows from what was measured."""

from collections.abc import Sequence

from labrun.domain.calibration import BASELINE, SOLUTION, Calibration, ControlRuns
from labrun.domain.grade import Grade
from labrun.domain.lab import Lab
from labrun.domain.record import Record
from labrun.grading.calibrated import mark_reports
from labrun.grading.constants import Constant
from labrun.grading.marks import against, at_stake, final, threshold_checks

LEAST_ROWS = 750
GOOD_ROWS = 2000


class Rule(Record):
    """One thing an exam asks of a lab; ``problems`` is empty where it holds."""

    name: str
    problems: tuple[str, ...]
    detail: str


def calibration_rules(lab: Lab, data: str | None, found: Calibration | None) -> list[Rule]:
    """Return what a calibration says about a lab; ``data`` is the digest of the lab's data set."""
    recalibrate = f"run: labrun lab calibrate {lab.slug}"
    if found is None:
        return [_rule("calibration", [f"there is no calibration.json: {recalibrate}"], "")]
    if not found.fits(lab.version, data):
        what = f"version {found.version}" if found.version != lab.version else "other data"
        return [_rule("calibration", [f"it was made of {what}: {recalibrate}"], "")]
    made = [] if found.official else [f"it was made in the {found.sandbox!r} sandbox"]
    detail = f"{len(found.seeds)} seeds, {found.date}, of this version and data"
    return [
        _rule("calibration", made, detail),
        _controls(lab, found),
        _marks(lab, found),
        _rows(lab, found),
    ]


def constants_rule(earned: Sequence[Constant]) -> Rule:
    """Return whether saying the same for every row earns nothing."""
    wrong = [f"{each.said}: {each.points:g} points" for each in earned if each.points > 0]
    return _rule("constants", wrong, f"{len(earned)} tried, none earns a point of a threshold")


def repeatable_rule(grades: Sequence[Grade]) -> Rule:
    """Return whether grading the same evidence again gives the same bytes."""
    bodies = {grade.model_dump_json() for grade in grades}
    wrong = [] if len(bodies) == 1 else [f"{len(grades)} gradings gave {len(bodies)} results"]
    return _rule("repeatable", wrong, f"{len(grades)} gradings of the solution agree to the byte")


def _controls(lab: Lab, found: Calibration) -> Rule:
    wrong = [_not_held(each) for each in found.controls if not each.holds]
    wanted = {SOLUTION, BASELINE, *(f"cheats/{cheat}" for cheat in lab.controls.cheats)}
    missing = wanted - {each.name for each in found.controls}
    wrong += [f"{name} was not run" for name in sorted(missing)]
    return _rule("controls over seeds", wrong, "each had the result it must, with every seed")


def _not_held(each: ControlRuns) -> str:
    said = f"{each.name} passed {each.passed} of {each.runs} runs"
    return said if each.stops is None else f"{said}, {each.stops} stopped {each.stopped}"


def _marks(lab: Lab, found: Calibration) -> Rule:
    reports = mark_reports(lab, found.controls)
    wrong = [f"{each.check}: {problem}" for each in reports for problem in each.problems]
    judged = {each.check for each in reports}
    for spec, _ in threshold_checks(lab):
        if at_stake(spec) and spec.id not in judged:
            wrong.append(f"{spec.id}: the solution or {against(lab, spec.id)} has no value there")
    if not judged:
        return _rule("marks", wrong, "no check has a mark on hidden rows")
    shown = (f"{each.check} {each.above:.1f} and {each.below:.1f} SE clear" for each in reports)
    return _rule("marks", wrong, "; ".join(shown))


def _rows(lab: Lab, found: Calibration) -> Rule:
    counts = {
        spec.id: final(lab, spread).n
        for spec, _ in threshold_checks(lab)
        if at_stake(spec) and (spread := found.spread(SOLUTION, spec.id))
    }
    few = [
        f"{check}: {n:,} rows, fewer than {LEAST_ROWS}"
        for check, n in counts.items()
        if n < LEAST_ROWS
    ]
    if not counts:
        return _rule("hidden rows", few, "no check scores hidden rows")
    least = min(counts.values())
    warned = f" (warned: below {GOOD_ROWS:,})" if least < GOOD_ROWS else ""
    return _rule("hidden rows", few, f"{least:,} rows{warned}")


def _rule(name: str, problems: Sequence[str], detail: str) -> Rule:
    return Rule(name=name, problems=tuple(problems), detail=detail)
