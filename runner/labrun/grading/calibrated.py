"""Summarise the runs of a lab's controls."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from labrun.domain.calibration import SOLUTION, Chance, ControlRuns, MarkReport, Spread
from labrun.domain.evidence import Evidence
from labrun.domain.grade import Estimate, Grade, Outcome, Verdict
from labrun.domain.lab import Lab
from labrun.grading.check import Truth
from labrun.grading.grader import Grader
from labrun.grading.marks import against, at_stake, final, judged, rounded, threshold_checks
from labrun.grading.uncertainty import standard_error, wilson


@dataclass(frozen=True)
class Run:
    """One control, run and graded with one seed."""

    grade: Grade
    estimates: Mapping[str, Estimate]  # by threshold check, those it did not wait for included
    resampled: float


def estimates(
    lab: Lab, evidence: Evidence, truth: Truth, files: Mapping[str, bytes]
) -> dict[str, Estimate]:
    """Return what every threshold check measures, whether or not the lab would have looked.

    A check that waits for another in vain has no estimate in the grade, but its mark is judged.
    """
    kept = tuple(spec.model_copy(update={"needs": ()}) for spec, _ in threshold_checks(lab))
    if not kept:
        return {}
    part = lab.model_copy(update={"checks": kept, "leaderboard": None})
    grade = Grader(part).grade(evidence, truth, files=files)
    found = {each.id: each.finding.estimate for each in grade.results}
    return {check: estimate for check, estimate in found.items() if estimate}


def control_runs(
    name: str,
    sha256: str,
    runs: Sequence[Run],
    *,
    expected: Literal["passed", "failed"],
    stops: str | None = None,
) -> ControlRuns:
    """Return how one control fared over its seeds."""
    passed = sum(run.grade.verdict is Verdict.PASSED for run in runs)
    found = wilson(passed, len(runs))
    chance = Chance(p=rounded(passed / len(runs)), low=rounded(found.low), high=rounded(found.high))
    return ControlRuns(
        name=name,
        sha256=sha256,
        expected=expected,
        stops=stops,
        stopped=sum(_stopped(run.grade, stops) for run in runs) if stops else None,
        runs=len(runs),
        passed=passed,
        chance=chance,
        resampled=rounded(math.fsum(run.resampled for run in runs) / len(runs)),
        scores=tuple(run.grade.score for run in runs),
        values=_spreads(runs),
    )


def mark_reports(lab: Lab, controls: Sequence[ControlRuns]) -> tuple[MarkReport, ...]:
    """Return what the controls say about the marks of each check that is worth something."""
    by_name = {each.name: each for each in controls}
    found = []
    for spec, _ in threshold_checks(lab):
        low = by_name.get(against(lab, spec.id))
        reference = by_name[SOLUTION].values.get(spec.id)
        spread = low.values.get(spec.id) if low else None
        if at_stake(spec) and reference and spread:
            found.append(judged(lab, spec, final(lab, reference), final(lab, spread)))
    return tuple(found)


def _stopped(grade: Grade, check: str) -> bool:
    result = grade.result(check)
    return (
        grade.verdict is Verdict.FAILED
        and result is not None
        and result.finding.outcome is Outcome.FAILED
    )


def _spreads(runs: Sequence[Run]) -> dict[str, Spread]:
    checks = {check: None for run in runs for check in run.estimates}
    found = {check: [run.estimates.get(check) for run in runs] for check in checks}
    return {
        check: _spread([each for each in every if each])
        for check, every in found.items()
        if all(every)
    }


def _spread(seen: Sequence[Estimate]) -> Spread:
    values = [each.value for each in seen]
    return Spread(
        mean=rounded(math.fsum(values) / len(values)),
        sd=rounded(statistics.stdev(values)) if len(values) > 1 else 0.0,
        se=rounded(math.fsum(map(standard_error, seen)) / len(seen)),
        n=seen[0].n,
    )
