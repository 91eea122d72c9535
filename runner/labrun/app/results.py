"""Put what is known of a submission into the one record reports are made from."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from labrun import __version__
from labrun.app.bench import Bench
from labrun.app.compared import compared
from labrun.app.view import learners_view
from labrun.domain.evidence import Evidence, PhaseResult, UnitRun
from labrun.domain.grade import CheckResult, Fault, Grade
from labrun.domain.record import Record
from labrun.domain.result import (
    AttemptInfo,
    CheckInfo,
    DataInfo,
    Environment,
    GraderInfo,
    LabInfo,
    PhaseInfo,
    Result,
    Status,
    SubmissionInfo,
)
from labrun.domain.submission import Submission


class Receipt(Record):
    """Who handed in, when, and under which number."""

    id: str
    learner: str
    received: datetime
    message: str | None = None
    commit: str | None = None


@dataclass(frozen=True)
class Judgement:
    """What came of running and grading: a grade, or who failed to give one and why."""

    status: Status
    evidence: Evidence | None = None
    grade: Grade | None = None
    fault: Fault | None = None
    reason: str = ""


def judgement(evidence: Evidence, grade: Grade) -> Judgement:
    """Return a verdict only if every check could be judged."""
    for check in grade.results:
        if check.finding.fault in (Fault.PLATFORM, Fault.LAB):
            said = f"check {check.id!r}: {check.finding.rationale}"
            reason = f"{said}\n{why_incomplete(evidence.units)}".strip()
            return Judgement(Status.SYSTEM_ERROR, evidence, grade, check.finding.fault, reason)
    return Judgement(Status.GRADED, evidence, grade)


def invalid(reason: str) -> Judgement:
    """Return the judgement of files that break a rule, which costs no attempt."""
    return Judgement(Status.INVALID, fault=Fault.LEARNER, reason=reason)


def result_of(
    bench: Bench,
    submission: Submission,
    receipt: Receipt,
    found: Judgement,
    *,
    attempt: AttemptInfo,
    seconds: float,
    timings: dict[str, float] | None = None,
) -> Result:
    """Return the learner's view: made here, before anything is written or shown.

    Of an exam it is the trainer's; `labrun.app.exam_view` takes from it what a learner is told.
    """
    evidence = learners_view(found.evidence, submission.files) if found.evidence else None
    grade = found.grade if found.status is Status.GRADED else None
    shown = found.grade.results if found.grade else ()
    return Result(
        official=bench.sandbox.official,
        split=bench.split,
        part="feedback" if bench.lab.grading.feedback and bench.split == "hidden" else "all",
        mode=bench.mode,
        submission=_submission(submission, receipt),
        lab=_lab(bench),
        grader=GraderInfo(
            version=__version__,
            sandbox=bench.sandbox.name,
            image=bench.lab.image,
            image_digest=bench.sandbox.image_id,
        ),
        data=_data(bench),
        environment=Environment(arch=platform.machine(), cpus=os.cpu_count() or 1),
        status=found.status,
        verdict=grade.verdict if grade else None,
        fault=found.fault,
        reason=found.reason,
        score=grade.score if grade else None,
        pass_score=bench.lab.grading.pass_score,
        failed_gates=grade.failed_gates if grade else (),
        phases=tuple(_phase(phase) for phase in (evidence.phases if evidence else ())),
        checks=tuple(compared(map(_check, shown), bench)),
        hidden_checks=bench.hidden_checks,
        plots=tuple(plot for check in shown for plot in check.finding.plots),
        attempt=attempt,
        seconds=round(seconds, 3),
        timings=timings or {},
    )


def why_incomplete(units: Sequence[UnitRun]) -> str:
    """Return the end of what pytest said of a run that is not complete, for the author."""
    return "\n".join(unit.log[-2000:] for unit in units if not unit.complete)


def _submission(submission: Submission, receipt: Receipt) -> SubmissionInfo:
    return SubmissionInfo(
        id=receipt.id,
        sha256=submission.digest,
        files=tuple(sorted(submission.files)),
        bytes=submission.size,
        learner=receipt.learner,
        received=receipt.received,
        message=receipt.message,
        commit=receipt.commit,
    )


def _lab(bench: Bench) -> LabInfo:
    lab = bench.lab
    return LabInfo(slug=lab.slug, version=lab.version, title=lab.title, digest=bench.digest)


def _data(bench: Bench) -> tuple[DataInfo, ...]:
    if bench.data is None:
        return ()
    names = bench.data.table_names(bench.split)
    return tuple(DataInfo(id=name, sha256=bench.data.sha256(name, bench.split)) for name in names)


def _phase(phase: PhaseResult) -> PhaseInfo:
    return PhaseInfo(
        name=phase.phase,
        ending=phase.ending,
        detail=phase.detail,
        queued_seconds=phase.queued_seconds,
        seconds=phase.seconds,
        exit_code=phase.exit_code,
        cpu_seconds=phase.cpu_seconds,
        memory_mb=phase.memory_mb,
        memory_limit_mb=phase.memory_limit_mb,
        rows=len(phase.order) if phase.order is not None else None,
        error=phase.error,
        log=phase.log,
    )


def _check(check: CheckResult) -> CheckInfo:
    finding = check.finding
    return CheckInfo(
        id=check.id,
        type=check.type,
        title=check.title,
        outcome=finding.outcome,
        points=check.points,
        of=check.of,
        gate=check.gate,
        rationale=finding.rationale,
        help=finding.help,
        reveal=check.reveal,
        fault=finding.fault,
        estimate=finding.estimate,
        shown_from=finding.shown_from,
    )
