"""Prove that a lab may decide an exam, beyond what `validate` proves of every lab."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from labrun.app.bench import Bench, judge, set_up
from labrun.app.check import trial
from labrun.app.exam_use import practice_only
from labrun.app.progress import Progress
from labrun.app.settings import Settings
from labrun.app.submit import guard
from labrun.app.validate import Step, validate
from labrun.domain.calibration import SOLUTION
from labrun.domain.grade import Grade
from labrun.grading.constants import earned_by_constants
from labrun.grading.exam_rules import Rule, calibration_rules, constants_rule, repeatable_rule
from labrun.grading.grader import Grader
from labrun.store.bundles import collect
from labrun.store.calibrations import read_calibration

GRADINGS = 3


def validate_for_exam(folder: Path, *, settings: Settings, progress: Progress) -> Iterator[Step]:
    """Yield every step of `validate`, then one for each thing that an exam asks for.

    A lab that says it is for practice only is not asked; the step says why it is not.
    """
    yield from validate(folder, settings=settings, progress=progress)
    bench = set_up(folder, split="hidden", settings=settings, progress=progress)
    if not bench.lab.use.exam:
        yield Step(lab=bench.lab.slug, name="exam", passed=True, detail=practice_only(bench.lab))
        return
    for rule in _rules(bench, settings, progress):
        detail = "; ".join(rule.problems) or rule.detail
        yield Step(
            lab=bench.lab.slug, name=f"exam: {rule.name}", passed=not rule.problems, detail=detail
        )


def _rules(bench: Bench, settings: Settings, progress: Progress) -> Iterator[Rule]:
    data = bench.data.digest if bench.data else None
    yield from calibration_rules(bench.lab, data, read_calibration(bench.folder))
    truth = {name: bench.tables.columns(name, bench.split) for name in bench.grader.truth_tables}
    yield constants_rule(earned_by_constants(bench.lab, truth))
    with guard(settings):
        yield repeatable_rule(_graded_again(bench, progress))


def _graded_again(bench: Bench, progress: Progress) -> list[Grade]:
    """Return the grade of one run of the solution, worked out anew each time."""
    submission = collect(bench.lab, bench.folder / SOLUTION).submission
    evidence, grade = trial(bench, submission, progress)
    again = [
        judge(_anew(bench), submission, type(evidence).model_validate(evidence.model_dump()))
        for _ in range(GRADINGS - 1)
    ]
    return [grade, *again]


def _anew(bench: Bench) -> Bench:
    return replace(bench, grader=Grader(bench.lab))
