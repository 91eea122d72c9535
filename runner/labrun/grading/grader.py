"""Turn evidence into a grade."""

import math
from collections.abc import Callable, Mapping

from labrun.domain.evidence import Ending, Evidence, PhaseResult
from labrun.domain.grade import CheckResult, Fault, Finding, Grade, Outcome, Verdict, score
from labrun.domain.lab import CheckSpec, Lab
from labrun.domain.notebook import as_sources
from labrun.domain.variant import VariantPlan
from labrun.errors import LabError
from labrun.grading.check import BoundCheck, Case, Truth, bind, ended_badly, failed
from labrun.grading.options import Options
from labrun.grading.predictions import Array

View = Callable[[BoundCheck, Finding], Finding]


class Grader:
    """The checks of one lab, ready to judge; a wrong lab is refused here, before any code runs."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._checks = [bind(lab, spec) for spec in lab.checks]

    @property
    def options(self) -> tuple[Options, ...]:
        """Return the options of each check, in order."""
        return tuple(each.options for each in self._checks)

    @property
    def needs_reference(self) -> bool:
        """Return whether the lab's own solution must run in the session of a submission."""
        return any(each.options.needs_reference() for each in self._checks)

    @property
    def timed(self) -> tuple[str, ...]:
        """Return the phases that are timed in turns with the lab's own solution."""
        found = (each.options.timed() for each in self._checks)
        return tuple(dict.fromkeys(name for name in found if name))

    @property
    def truth_tables(self) -> frozenset[str]:
        """Return the truth tables that `grade` needs."""
        return frozenset(table for each in self._checks for table in each.options.tables())

    def grade(
        self,
        evidence: Evidence,
        truth: Truth,
        *,
        files: Mapping[str, bytes] | None = None,
        part: Mapping[str, Array] | None = None,
        view: View | None = None,
    ) -> Grade:
        """Run the checks in order; skip what depends on a check that did not pass.

        The same arguments always give the same grade. A check that could not be judged carries
        the fault of whoever is to blame, and the grade is then no verdict. ``part`` are the rows
        that are judged, by truth table; ``view`` makes of each finding the one that counts.
        """
        sources = files or {}
        if self._lab.submission.kind == "notebook":
            sources = as_sources(sources)
        case = Case(self._lab, evidence, truth, sources, part=part or {})
        outcomes: dict[str, Outcome] = {}
        results = []
        for each in self._checks:
            finding = self._finding(each, case, outcomes)
            if view is not None:
                finding = view(each, finding)
            outcomes[each.spec.id] = finding.outcome
            results.append(_result(each.spec, finding))
        gates = tuple(r.id for r in results if r.gate and r.finding.outcome is not Outcome.PASSED)
        points = score(results)
        passed = points >= self._lab.grading.pass_score
        if not self._lab.points:  # a part of a lab, in which nothing is worth points
            passed = all(outcome is Outcome.PASSED for outcome in outcomes.values())
        return Grade(
            lab=self._lab.slug,
            submission=evidence.submission,
            verdict=Verdict.PASSED if passed and not gates else Verdict.FAILED,
            score=points,
            pass_score=self._lab.grading.pass_score,
            failed_gates=gates,
            results=tuple(results),
        )

    def _finding(self, each: BoundCheck, case: Case, outcomes: Mapping[str, Outcome]) -> Finding:
        blocker = next((n for n in each.spec.needs if outcomes[n] is not Outcome.PASSED), None)
        if blocker:
            return Finding(outcome=Outcome.SKIPPED, rationale=f"waits for {blocker!r} to pass")
        if missing := self._without_evidence(each, case.evidence):
            return missing
        try:
            return each.run(case)
        except LabError as error:
            return _unjudged(str(error), Fault.LAB, help=error.help)

    def _without_evidence(self, each: BoundCheck, evidence: Evidence) -> Finding | None:
        """Return the finding of a check whose phase did not end well, or never reported."""
        broken = next((p for p in evidence.phases if p.ending is not Ending.DONE), None)
        for name in each.options.phases(self._lab):
            result = evidence.phase(name)
            if result is None and broken is None:
                return _unjudged(f"phase {name!r} never reported", Fault.PLATFORM)
            if result is None and broken is not None:
                return failed(f"not reached: {ended_badly(broken)}")
            if result is not None and result.ending is not Ending.DONE:
                return failed(ended_badly(result))
        return self._without_variants(each, evidence, broken)

    def _without_variants(
        self, each: BoundCheck, evidence: Evidence, broken: PhaseResult | None
    ) -> Finding | None:
        """Return the finding of a check one of whose further runs did not end well, or is missing.

        The runs with the lab's other seeds count for every check that judges a phase. Nothing is
        run once more after a phase that was ``broken``, whichever it was: that is the learner's.
        """
        plans = self._asked(each)
        if each.options.phases(self._lab):
            plans += [(None, plan) for plan in self._seeds()]
        for asked, plan in plans:
            found = evidence.variant(asked, plan.name)
            if found is None and broken:
                return failed(f"not run once more: {ended_badly(broken)}")
            if found is None:
                return _unjudged(f"the run {plan.name!r} never reported", Fault.PLATFORM)
            worse = next((p for p in found.phases if p.ending is not Ending.DONE), None)
            if worse:
                return failed(f"{ended_badly(worse)}, when it was run once more ({plan.name})")
        return None

    @property
    def plans(self) -> list[tuple[str | None, VariantPlan]]:
        """Return every further run the grade rests on, with the check that asked for it."""
        asked: list[tuple[str | None, VariantPlan]] = [(None, plan) for plan in self._seeds()]
        for each in self._checks:
            asked += self._asked(each)
        return asked

    def _asked(self, each: BoundCheck) -> list[tuple[str | None, VariantPlan]]:
        return [(each.spec.id, plan) for plan in each.options.variants(self._lab)]

    def _seeds(self) -> list[VariantPlan]:
        return [
            VariantPlan(name=f"seed-{number + 1}", phase=None, refit=True, seed=number)
            for number in range(1, self._lab.grading.seeds)
        ]


def refuse_unscored(lab: Lab) -> None:
    """Raise `LabError` if nothing in a whole lab is worth points: no submission could pass it."""
    if not lab.points:
        msg = f"no check of lab {lab.slug!r} carries points"
        raise LabError(msg, help="give at least one of its checks `points:`")


def refuse_reruns(lab: Lab, grader: Grader) -> None:
    """Raise `LabError` if a check would run predictions once more, which are not run."""
    asking = next((check for check, _ in grader.plans), None)
    if asking and lab.submission.kind == "predictions":
        msg = f"checks.{asking}: runs the submission once more, and predictions are not run"
        raise LabError(msg, help="ask for the code, or for checks that judge what was handed in")


def _unjudged(rationale: str, fault: Fault, *, help: str | None = None) -> Finding:
    return Finding(outcome=Outcome.SKIPPED, rationale=rationale, help=help, fault=fault)


def _result(spec: CheckSpec, finding: Finding) -> CheckResult:
    share = min(max(finding.share, 0.0), 1.0) if math.isfinite(finding.share) else 0.0
    return CheckResult(
        id=spec.id,
        type=spec.type,
        title=spec.title or spec.id,
        points=round(spec.points * share, 4),
        of=spec.points,
        gate=spec.gate,
        reveal=spec.reveal,
        finding=finding,
    )


def public_part(lab: Lab, tables: set[str]) -> Lab:
    """Return the lab as a learner may check it: no hidden tests, only the truth in ``tables``.

    A check that needed one left out needs what that one needed.
    """
    kept: list[CheckSpec] = []
    needs: dict[str, tuple[str, ...]] = {}  # by check: itself where it is kept
    for spec in lab.checks:
        options = bind(lab, spec).options
        needed = tuple(dict.fromkeys(name for each in spec.needs for name in needs[each]))
        is_kept = options.is_public() and set(options.tables()) <= tables
        needs[spec.id] = (spec.id,) if is_kept else needed
        if is_kept:
            kept.append(spec.model_copy(update={"needs": needed}))
    names = {spec.id for spec in kept}
    stopped = {cheat: check for cheat, check in lab.controls.cheats.items() if check in names}
    board = lab.leaderboard if lab.leaderboard and lab.leaderboard.check in names else None
    controls = lab.controls.model_copy(update={"cheats": stopped})
    return lab.model_copy(
        update={"checks": tuple(kept), "leaderboard": board, "controls": controls}
    )
