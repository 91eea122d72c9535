"""What a submission earns that says the same for every row."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from labrun import wire
from labrun.domain.evidence import Ending, Evidence, PhaseResult, Variant
from labrun.domain.grade import Grade
from labrun.domain.lab import Lab
from labrun.domain.record import Record
from labrun.grading.check import Case, Truth
from labrun.grading.checks.threshold import ThresholdOptions
from labrun.grading.grader import Grader
from labrun.grading.marks import threshold_checks
from labrun.grading.metric import METRICS
from labrun.grading.pairs import MOST_RANKED, Takes
from labrun.grading.predictions import Array

FROM_EVIDENCE = ("schema", "threshold", "phase")  # judged by what a phase returned, and no more
NO_SUBMISSION = "0" * 64


class Constant(Record):
    """What saying ``said`` for every row earns: points of the lab's threshold checks."""

    said: str
    points: float


def earned_by_constants(lab: Lab, truth: Truth) -> list[Constant]:
    """Return what each constant submission earns of the points of the threshold checks.

    The constants are the best there are, made from the hidden answers themselves: the commonest
    class, the share of the positive class, each decision, the ten commonest items, the share of
    each class, and the mean, median and geometric mean of numbers. A check that needs another is
    looked at once that one passed; checks that cannot be judged without running code count as
    passed.
    """
    part = _judged_by_values(lab)
    if part is None:
        return []
    found = []
    for values in _combined(part, truth):
        grade = Grader(part).grade(_evidence(part, truth, values), truth)
        said = ", ".join(f"{phase} {value!s:.60}" for phase, value in sorted(values.items()))
        found.append(Constant(said=said, points=_of_thresholds(grade)))
    return found


def _judged_by_values(lab: Lab) -> Lab | None:
    """Return the lab without the checks that look at more than what phases return."""
    kept = [spec for spec in lab.checks if spec.type in FROM_EVIDENCE]
    names = {spec.id for spec in kept}
    if not threshold_checks(lab):
        return None
    checks = tuple(
        spec.model_copy(update={"needs": tuple(name for name in spec.needs if name in names)})
        for spec in kept
    )
    controls = lab.controls.model_copy(update={"cheats": {}})
    return lab.model_copy(update={"checks": checks, "leaderboard": None, "controls": controls})


def _combined(lab: Lab, truth: Truth) -> Iterator[dict[str, Any]]:
    """Yield one constant for every phase that is scored, in every combination."""
    by_phase: dict[str, list[Any]] = {}
    for spec, options in threshold_checks(lab):
        answers = Case(lab, _nothing(lab), truth, {}, spec).column(options.truth, options.column)
        known = by_phase.setdefault(options.of(lab), [])
        known += [
            each for each in _constants(METRICS[options.metric].takes, answers) if each not in known
        ]
    names = sorted(by_phase)
    for chosen in itertools.product(*(by_phase[name] for name in names)):
        yield dict(zip(names, chosen, strict=True))


def _answers(lab: Lab, options: ThresholdOptions, truth: Truth) -> Array:
    return Case(lab, _nothing(lab), truth).column(options.truth, options.column)


def _constants(takes: Takes, truth: Array) -> list[Any]:
    found: list[Any] = [0]  # of clusters, all in one
    match takes:
        case Takes.DECISIONS | Takes.GROUPED:
            found = [0, 1]
        case Takes.NUMBERS:
            found = _middles(truth.astype(float))
        case Takes.LABELS:
            found = [Counter(truth.tolist()).most_common(1)[0][0]]
        case Takes.SCORES | Takes.PROBABILITIES:
            found = [float((truth == max(truth.tolist())).mean())]
        case Takes.RANKINGS:
            items = Counter(item for row in truth.tolist() for item in row.split())
            found = [" ".join(item for item, _ in items.most_common(MOST_RANKED))]
        case Takes.DISTRIBUTIONS:
            counts = np.bincount(truth)
            found = [tuple((counts / counts.sum()).tolist())]
        case Takes.CLUSTERS | Takes.SUSPECTS:  # of suspects it is no probability a class
            pass
    return found


def _middles(numbers: Array) -> list[float]:
    found = [float(numbers.mean()), float(np.median(numbers))]
    if (numbers > -1).all():
        found.append(float(np.expm1(np.log1p(numbers).mean())))  # the best constant for rmsle
    return found


def _nothing(lab: Lab) -> Evidence:
    return Evidence(lab=lab.slug, submission=NO_SUBMISSION, split="hidden", seed=0)


def _evidence(lab: Lab, truth: Truth, values: Mapping[str, Any]) -> Evidence:
    rows = {
        options.of(lab): len(
            Case(lab, _nothing(lab), truth, {}, spec).column(options.truth, options.column)
        )
        for spec, options in threshold_checks(lab)
    }
    phases = tuple(
        _phase(each.name, values.get(each.name, 0.0), rows.get(each.name, 1)) for each in lab.phases
    )
    seeds = tuple(
        Variant(check=None, name=plan.name, phases=phases)
        for asked, plan in Grader(lab).plans
        if asked is None
    )
    return _nothing(lab).model_copy(update={"phases": phases, "variants": seeds})


def _phase(name: str, value: Any, rows: int) -> PhaseResult:
    column = [value] * rows if isinstance(value, str) else np.array([value] * rows)
    order = tuple(range(rows))
    return PhaseResult(phase=name, ending=Ending.DONE, output=wire.to_bytes(column), order=order)


def _of_thresholds(grade: Grade) -> float:
    return sum(result.points for result in grade.results if result.type == "threshold")
