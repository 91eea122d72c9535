"""Propose the marks of a new lab between what its baseline and its solution reach."""

import math
from pathlib import Path

from labrun.app.bench import set_up
from labrun.app.check import trial
from labrun.app.progress import Silence
from labrun.app.settings import Settings
from labrun.domain.grade import Estimate
from labrun.domain.record import Record
from labrun.errors import LabError
from labrun.grading.metric import METRICS, Metric
from labrun.grading.uncertainty import standard_error
from labrun.store.bundles import collect

AWAY = 2.0  # standard errors between a mark and the control next to it
LEAST_GAP = 1.0  # standard errors between the marks


class Marks(Record):
    """Where points begin and where all are earned, as text of a few digits."""

    floor: str
    full: str
    baseline: str
    solution: str
    error: str
    baseline_is: str = "the baseline"


def provisional(metric: Metric) -> Marks:
    """Return marks that only serve to measure by."""
    low, high = ("0.1", "0.2") if metric.greater_is_better else ("0.2", "0.1")
    return Marks(floor=low, full=high, baseline="?", solution="?", error="?")


def measure(lab: Path, control: str, settings: Settings) -> Estimate:
    """Return what a control of the lab in ``lab`` reaches on the hidden rows.

    The code is the template's, so it runs without a sandbox's walls.
    """
    bench = set_up(lab, split="hidden", settings=settings, progress=Silence())
    bench = bench.narrowed({"contract", "score"})
    _, grade = trial(bench, collect(bench.lab, lab / control).submission, Silence())
    finding = next(each.finding for each in grade.results if each.id == "score")
    if finding.estimate is None:
        others = (each.finding.rationale for each in grade.results if each.id != "score")
        msg = f"the {control} made for the lab gives no score: {finding.rationale}"
        raise LabError(msg, help="; ".join(others))
    return finding.estimate


def between(baseline: Estimate, solution: Estimate) -> Marks | None:
    """Return marks two standard errors inside both, or None where there is no room for them."""
    metric = METRICS[solution.metric]
    way = 1 if metric.greater_is_better else -1
    errors = standard_error(baseline), standard_error(solution)
    floor = baseline.value + way * AWAY * errors[0]
    full = solution.value - way * AWAY * errors[1]
    if way * (full - floor) < LEAST_GAP * max(errors) or math.isclose(full, floor):
        return None
    step = max(*errors, abs(full - floor) / 100)
    return Marks(
        floor=_short(floor, step),
        full=_short(full, step),
        baseline=_short(baseline.value, step),
        solution=_short(solution.value, step),
        error=_short((solution.high - solution.low) / 2, step),
    )


def _short(value: float, step: float) -> str:
    """Return a number to a tenth of ``step``, or one digit further where that ends in nothing."""
    places = 1 - math.floor(math.log10(step))
    rounded = round(value, places)
    return f"{rounded:.{max(places, 0)}f}"
