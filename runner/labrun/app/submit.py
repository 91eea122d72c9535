"""Submit: from a folder of code to a kept grade."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from labrun.app.basis import as_file, basis_of
from labrun.app.bench import Bench, set_up
from labrun.app.exam import held_back, refuse_unfit
from labrun.app.exam_use import refuse_practice_only
from labrun.app.exam_view import NOT_GRADED, exam_view
from labrun.app.gather import gather
from labrun.app.heartbeat import heartbeat
from labrun.app.progress import Progress, Silence
from labrun.app.recover import open_ledger, recover, this_worker
from labrun.app.results import Judgement, Receipt, invalid, judgement, result_of
from labrun.app.settings import Settings
from labrun.app.shown import Told, judge_told
from labrun.app.unusable import unusable
from labrun.domain.evidence import Evidence
from labrun.domain.grade import Estimate, Fault, Grade
from labrun.domain.lab import Attempts, Lab
from labrun.domain.mode import Mode
from labrun.domain.record import Record
from labrun.domain.result import AttemptInfo, Result, Status
from labrun.domain.submission import Submission
from labrun.errors import PlatformError, RefusedError, SandboxError
from labrun.sandbox import owner
from labrun.sandbox.labels import EPOCH_LABEL, OWNER_LABEL, RUN_LABEL
from labrun.store.bundles import collect
from labrun.store.evidence import TRAINERS_COPY, EvidenceStore
from labrun.store.intake import LeftOut
from labrun.store.labs import read_lab
from labrun.store.ledger import Ledger
from labrun.store.ledger_ids import new_id
from labrun.store.ledger_records import Chances, Claim, Entry, Kind, NewSubmission, State

TRIES = 2  # a platform fault is retried once


class Request(Record):
    """What is asked for; ``lab`` is the lab's folder, ``code`` the folder handed in.

    ``rules`` stand in for the lab's own where a trainer grades, who is not held to a cooldown.
    """

    lab: Path
    code: Path
    learner: str
    message: str | None = None
    commit: str | None = None
    rules: Attempts | None = None


class Preview(Record):
    """What would be sent, and what it would cost."""

    lab: Lab
    submission: Submission
    left_out: tuple[LeftOut, ...]
    chances: Chances
    earlier: str | None


class Submitted(Record):
    """A result; ``earlier`` if the same files had been graded before and nothing was run."""

    result: Result
    earlier: bool


class _LeaseLostError(PlatformError):
    """Another process took the submission over."""


def preview(request: Request, settings: Settings, progress: Progress) -> Preview:
    """Return what `submit` would do, doing none of it."""
    lab = read_lab(request.lab)
    collected = collect(lab, request.code)
    with open_ledger(settings) as ledger:
        recover(ledger, settings, progress.say)
        kind = Kind(settings.mode)
        chances = ledger.chances(request.learner, lab.slug, rules=lab.attempts, kind=kind)
        same = [
            entry.id
            for entry in ledger.history(request.learner, lab.slug)
            if entry.sha256 == collected.submission.digest
            and (entry.state, entry.kind) == (State.GRADED, kind)
        ]
    return Preview(
        lab=lab,
        submission=collected.submission,
        left_out=collected.left_out,
        chances=chances,
        earlier=same[-1] if same else None,
    )


def submit(request: Request, settings: Settings, progress: Progress) -> Submitted:
    """Grade one submission and keep the grade; the tracker hears of it through the outbox.

    Raises `SubmissionError` and `LabError` before anything is counted, `RefusedError` where the
    rules of the lab say no, and `PlatformError` where labrun failed twice: nothing is counted then.
    """
    with contextlib.ExitStack() as stack:
        ledger = stack.enter_context(open_ledger(settings))
        recover(ledger, settings, progress.say)
        bench = set_up(request.lab, split="hidden", settings=settings, progress=progress)
        stack.enter_context(guard(settings))
        if bench.mode is Mode.PRACTICE:
            return submit_on(bench, request, settings, progress, ledger=ledger)
        refuse_practice_only(bench.lab)
        refuse_unfit(bench.sandbox, settings, progress.say)
        try:
            return submit_on(
                bench, request, settings, Silence(), ledger=ledger, release=settings.release_seconds
            )
        except PlatformError as error:  # its words may come from what learner code brought about
            raise SandboxError(NOT_GRADED, help="tell your trainer; hand in again later") from error


def submit_on(
    bench: Bench,
    request: Request,
    settings: Settings,
    progress: Progress,
    *,
    ledger: Ledger,
    release: float = 0,
) -> Submitted:
    """Grade one submission on a lab that is set up; see `submit`.

    What became of it is told only at a multiple of ``release`` seconds after it began to run.
    """
    started = time.monotonic()
    submission = collect(bench.lab, request.code).submission
    evidence_store = EvidenceStore(settings.evidence)
    kept = evidence_store.keep_submission(submission)
    rules = request.rules or bench.lab.attempts
    entry = ledger.submit(_new(request, bench, submission, kept), rules)
    if entry.state is State.GRADED:
        return Submitted(result=ledger.result(entry.id), earlier=True)
    run = _Run(
        request, bench, submission, entry, ledger, evidence_store, progress, started, release
    )
    return Submitted(result=run.to_the_end(), earlier=False)


def _new(request: Request, bench: Bench, submission: Submission, files: str) -> NewSubmission:
    return NewSubmission(
        id=new_id(datetime.now(UTC)),
        learner=request.learner,
        lab=bench.lab.slug,
        lab_version=bench.lab.version,
        lab_digest=bench.digest,
        sha256=submission.digest,
        official=bench.sandbox.official,
        split="hidden",
        kind=Kind(bench.mode),
        pool=bench.lab.image,
        files=files,
        message=request.message,
        commit=request.commit,
    )


@contextlib.contextmanager
def guard(settings: Settings) -> Iterator[None]:
    """See that no container outlives this process, even if it is killed."""
    if settings.sandbox != "docker":
        yield
        return
    from labrun.sandbox.sitter import Sitter  # noqa: PLC0415  (only containers need one)

    with Sitter(settings.engine, owner.current().label()):
        yield


@dataclass(frozen=True)
class _Run:
    """One submission on its way through the sandbox, under a lease."""

    request: Request
    bench: Bench
    submission: Submission
    entry: Entry
    ledger: Ledger
    store: EvidenceStore
    progress: Progress
    started: float
    release: float

    @property
    def rules(self) -> Attempts:
        return self.request.rules or self.bench.lab.attempts

    def to_the_end(self) -> Result:
        """Return the kept result; a fault of the platform is tried once more."""
        for attempt in range(1, TRIES + 1):
            claim = self.ledger.claim(self.entry.id, this_worker())
            if claim is None:
                msg = f"submission {self.entry.short} is being graded by another command"
                raise RefusedError(msg, help=f"run: labrun status {self.entry.short}")
            try:
                return self._once(claim)
            except _LeaseLostError:
                raise
            except PlatformError as error:
                self.ledger.give_back(claim, str(error))
                if attempt == TRIES:
                    raise
                self.progress.say(f"a fault of the platform, trying once more: {error}")
            except BaseException:
                self.ledger.give_back(claim, "the command was interrupted")
                raise
        raise AssertionError  # the loop returns or raises

    def _once(self, claim: Claim) -> Result:
        if why := unusable(self.bench, self.submission):
            return self._keep(claim, self._result(invalid(why), {}), None, None)
        with heartbeat(lambda: self.ledger.beat(claim)) as held, held_back(self.release):
            labels = {
                OWNER_LABEL: owner.current().label(),
                RUN_LABEL: claim.id,
                EPOCH_LABEL: str(claim.epoch),
            }
            ready = time.monotonic()
            evidence = gather(
                self.bench,
                self.submission,
                labels=labels,
                progress=self.progress,
                enter=lambda phase: self._enter(claim, phase),
            )
            ran = time.monotonic()
            told = self._told(evidence)
            timings = _timings(self.started, ready, ran, evidence)
            result = self._judged(evidence, told.grade, timings)
            if result.fault is Fault.PLATFORM:
                raise SandboxError(result.reason, help="run: labrun doctor")
            files = _files(result) | as_file(basis_of(self.bench))
            digest = self.store.keep(evidence, files)
        if not held():
            raise _lost(claim)
        return self._keep(claim, result, told, digest)

    def _told(self, evidence: Evidence) -> Told:
        entry = self.entry
        before = self.ledger.shown(
            entry.learner, entry.lab, kind=entry.kind, official=entry.official
        )
        return judge_told(
            self.bench,
            self.submission,
            evidence,
            id=entry.id,
            before=before,
            load=self.store.load,
        )

    def _enter(self, claim: Claim, phase: str) -> None:
        if not self.ledger.enter_phase(claim, phase):
            raise _lost(claim)

    def _judged(self, evidence: Evidence, grade: Grade, timings: dict[str, float]) -> Result:
        found = judgement(evidence, grade)
        if found.fault:
            self.progress.say(found.reason)
        return self._result(found, timings)

    def _result(self, found: Judgement, timings: dict[str, float]) -> Result:
        receipt = Receipt(
            id=self.entry.id,
            learner=self.request.learner,
            received=self.entry.queued_at,
            message=self.request.message,
            commit=self.request.commit,
        )
        return result_of(
            self.bench,
            self.submission,
            receipt,
            found,
            attempt=self._attempt(found.status),
            seconds=time.monotonic() - self.started,
            timings=timings,
        )

    def _attempt(self, status: Status) -> AttemptInfo:
        lab = self.bench.lab
        before = self.ledger.chances(
            self.request.learner, lab.slug, rules=self.rules, kind=self.entry.kind
        )
        if not self.bench.sandbox.official:
            why = "an unofficial sandbox"
            return AttemptInfo(
                number=None, max=before.max, left=before.left, counted=False, why=why
            )
        counted = status is Status.GRADED
        used = before.used + 1 if counted else before.used
        return AttemptInfo(
            number=used if counted else None,
            max=before.max,
            left=None if before.max is None else before.max - used,
            counted=counted,
            why="graded" if counted else str(status),
        )

    def _keep(
        self, claim: Claim, result: Result, told: Told | None, evidence: str | None
    ) -> Result:
        rank = None
        if told and result.status is Status.GRADED:
            rank = rank_of(self.bench.lab, told.grade)
        result = exam_view(result)
        shown = told.shown if told else ()
        if not self.ledger.finish(claim, result, rank=rank, evidence=evidence, shown=shown):
            raise _lost(claim)
        return self._with_next(result)

    def _with_next(self, result: Result) -> Result:
        lab = self.bench.lab
        after = self.ledger.chances(
            self.request.learner, lab.slug, rules=self.rules, kind=self.entry.kind
        )
        attempt = result.attempt.model_copy(update={"next": after.next})
        return result.model_copy(update={"attempt": attempt})


def _files(result: Result) -> dict[str, bytes]:
    told = exam_view(result)
    whole = {} if told is result else {TRAINERS_COPY: result.model_dump_json().encode()}
    return {"result.json": told.model_dump_json().encode(), **whole}


def rank_of(lab: Lab, grade: Grade) -> Estimate | None:
    """Return what the lab's leaderboard compares; None where it goes by score."""
    if lab.leaderboard is None:
        return None
    check = grade.result(lab.leaderboard.check)
    return check.finding.estimate if check else None


def _lost(claim: Claim) -> _LeaseLostError:
    msg = f"the lease on submission {claim.id[-6:]} was lost; another process goes on with it"
    return _LeaseLostError(msg, help=f"run: labrun status {claim.id[-6:]}")


def _timings(started: float, ready: float, ran: float, evidence: Evidence) -> dict[str, float]:
    learner = sum(phase.seconds for phase in evidence.phases)
    return {
        "set-up": round(ready - started, 3),
        "containers": round(sum(phase.queued_seconds for phase in evidence.phases), 3),
        "learner": round(learner, 3),
        "hidden-tests": round(sum(unit.seconds for unit in evidence.units), 3),
        "grading": round(time.monotonic() - ran, 3),
    }
