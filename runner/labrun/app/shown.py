"""What a learner is told of values measured on hidden rows, where the lab says: not everything.

With `grading.feedback` only a part of the hidden rows is looked at while the lab is open, and
values are told in whole standard errors. With `leaderboard.step: ladder` a value that is told
moves only when a submission is clearly better than what was told before. Other labs tell all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from labrun.app.bench import Bench, judge
from labrun.app.view import learners_view
from labrun.domain.evidence import Evidence
from labrun.domain.grade import Estimate, Finding, Grade, Outcome
from labrun.domain.lab import Lab
from labrun.domain.leaderboard import Shown
from labrun.domain.submission import Submission
from labrun.errors import LabError
from labrun.grading.check import BoundCheck, Case, Truth
from labrun.grading.checks.threshold import ThresholdOptions, share_of
from labrun.grading.ladder import climbs, coarse
from labrun.grading.metric import METRICS
from labrun.grading.paired import Scored, error_of_difference
from labrun.grading.predictions import Array
from labrun.grading.scoring import ScoredOptions, paired
from labrun.grading.splits import feedback_rows

HELD = "held"
HELD_SO_FAR = "held, as far as can be told before the lab is closed"
NOT_HELD = "did not hold"


@dataclass(frozen=True)
class Told:
    """A grade as its learner may see it, and what has been shown of each check since."""

    grade: Grade
    shown: tuple[Shown, ...] = ()


def is_guarded(lab: Lab) -> bool:
    """Return whether a learner is told less than was measured."""
    return lab.grading.feedback is not None or lab.ladder


def feedback_part(bench: Bench) -> dict[str, Array]:
    """Return a mask by truth table: the hidden rows that are shown while the lab is open.

    It is empty where the lab keeps nothing for the end, and on public data.
    """
    share = bench.lab.grading.feedback
    if share is None or bench.split != "hidden":
        return {}
    groups = _groups(bench)
    return {
        table: feedback_rows(
            bench.lab.slug,
            _describing(bench, table),
            share=share,
            groups=bench.tables.columns(table, bench.split)[column] if column else None,
        )
        for table, column in groups.items()
    }


def final_part(bench: Bench) -> dict[str, Array]:
    """Return a mask by truth table: the hidden rows that count when the lab is closed."""
    return {table: ~rows for table, rows in feedback_part(bench).items()}


def judge_told(
    bench: Bench,
    submission: Submission,
    evidence: Evidence,
    *,
    id: str = "",
    before: Mapping[str, Shown] | None = None,
    load: Callable[[str], Evidence] | None = None,
) -> Told:
    """Grade stored evidence as the learner may see it.

    ``id`` is the submission's in the ledger, ``before`` what its learner has been shown so far, by
    check, and ``load`` finds evidence by digest. Without ``load`` no ladder is climbed: that is for
    a trainer's regrade. Everything in the grade, points and verdict too, follows from what is told.
    """
    if not is_guarded(bench.lab) or bench.split != "hidden":
        return Told(judge(bench, submission, evidence))
    view = _View(bench, submission, evidence, id, before or {}, load)
    grade = judge(bench, submission, evidence, part=view.part, view=view)
    return Told(grade, tuple(view.shown.values()))


@dataclass(frozen=True)
class _View:
    """Makes of what a check found what its learner is told."""

    bench: Bench
    submission: Submission
    evidence: Evidence
    id: str
    before: Mapping[str, Shown]
    load: Callable[[str], Evidence] | None
    shown: dict[str, Shown] = field(default_factory=dict)

    @cached_property
    def part(self) -> dict[str, Array]:
        return feedback_part(self.bench)

    @cached_property
    def truth(self) -> Truth:
        names = self.bench.grader.truth_tables
        return {name: self.bench.tables.columns(name, self.bench.split) for name in names}

    def __call__(self, check: BoundCheck, finding: Finding) -> Finding:
        options = check.options
        if isinstance(options, ThresholdOptions):
            if finding.estimate is None:
                return finding
            return self._told(check, options, finding, finding.estimate)
        if not options.tables() or finding.fault or finding.outcome is Outcome.SKIPPED:
            return finding
        held = HELD_SO_FAR if self.bench.lab.grading.feedback is not None else HELD
        said = held if finding.outcome is Outcome.PASSED else NOT_HELD
        return finding.model_copy(update={"rationale": said, "estimate": None, "plots": ()})

    def _told(
        self, check: BoundCheck, options: ThresholdOptions, finding: Finding, found: Estimate
    ) -> Finding:
        told, shown_from = coarse(found), None
        if self.bench.lab.ladder and self.load:
            shown = self._climbed(check, options, found)
            self.shown[check.spec.id] = shown
            told = shown.estimate
            if shown.submission != self.id:
                shown_from = shown.submission
        deciding = self._deciding(options, found, told)
        share = share_of(METRICS[options.metric], deciding, options.decision)
        return finding.model_copy(
            update={
                "outcome": Outcome.PASSED if share > 0 else Outcome.FAILED,
                "share": share,
                "estimate": told,
                "shown_from": shown_from,
                "plots": (),
            }
        )

    def _deciding(self, options: ThresholdOptions, found: Estimate, told: Estimate) -> Estimate:
        """Return the value that points are given for.

        Before the close that is what is told, as points would tell the rest. Where nothing is
        kept for a close, this is the grade that counts, so it must be the submission's own.
        """
        if self.bench.lab.grading.feedback is not None:
            return told
        return coarse(found) if options.decision.rule == "ramp" else found

    def _climbed(self, check: BoundCheck, options: ThresholdOptions, found: Estimate) -> Shown:
        known = self.before.get(check.spec.id)
        first = Shown(check=check.spec.id, submission=self.id, estimate=coarse(found, "worse"))
        if known is None or not _comparable(known.estimate, found):
            return first
        tries = known.tries + 1
        error = self._error(check, options, found, known)
        if climbs(found, known.estimate, error=error, tries=tries):
            return first.model_copy(update={"tries": tries})
        marks = {"mark": found.mark, "full": found.full}
        kept = known.estimate.model_copy(update=marks)
        return known.model_copy(update={"estimate": kept, "tries": tries})

    def _error(
        self, check: BoundCheck, options: ThresholdOptions, found: Estimate, known: Shown
    ) -> float:
        new = scored(options, self._case(check, self.evidence))
        old = None
        if self.load and known.evidence:
            earlier = learners_view(self.load(known.evidence), self.submission.files)
            if earlier.phase(options.of(self.bench.lab)):
                old = scored(options, self._case(check, earlier))
        return error_of_difference(new, found, old, known.estimate)

    def _case(self, check: BoundCheck, evidence: Evidence) -> Case:
        return Case(self.bench.lab, evidence, self.truth, {}, check.spec, self.part)


def scored(options: ScoredOptions, case: Case) -> Scored:
    """Return what was predicted beside the truth, for comparing; raises what `paired` raises."""
    metric = METRICS[options.metric]
    made = [paired(options, each) for each in case.seeds()]
    return Scored(
        metric=metric,
        params=metric.params.model_validate(options.params),
        pairs=tuple(pair for pair, _ in made),
        groups=made[0][1],
    )


def _comparable(known: Estimate, found: Estimate) -> bool:
    return (known.metric, known.direction, known.n) == (found.metric, found.direction, found.n)


def _groups(bench: Bench) -> dict[str, str | None]:
    """Return the truth tables whose rows are scored, each with the column of its clusters."""
    found: dict[str, str | None] = {}
    for options in bench.grader.options:
        if not isinstance(options, ScoredOptions):
            continue
        known = found.get(options.truth)
        if known and options.groups and known != options.groups:
            msg = f"checks of {options.truth!r} name groups {known!r} and {options.groups!r}"
            raise LabError(
                msg, help="with grading.feedback, whole groups of one kind stay together"
            )
        found[options.truth] = known or options.groups
    return found


def _describing(bench: Bench, truth: str) -> dict[str, Mapping[str, Array]]:
    """Return the truth and the hidden inputs whose rows stand beside its rows."""
    answers = bench.tables.columns(truth, bench.split)
    rows = len(next(iter(answers.values())))
    inputs = {name for phase in bench.lab.phases for name in phase.input}
    hidden = {Path(key).stem for key in bench.tables.tables if key.startswith("private/")}
    found: dict[str, Mapping[str, Array]] = {truth: answers}
    for name in sorted(inputs & hidden):
        columns = bench.tables.columns(name, bench.split)
        if len(next(iter(columns.values()))) == rows:
            found[name] = columns
    return found
