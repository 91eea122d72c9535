"""Regrade one submission: judge its stored evidence again, or run its stored files again."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from labrun.app.basis import Basis, as_file, basis_of, misfits, read_basis
from labrun.app.bench import Bench, judge
from labrun.app.climb import Climb
from labrun.app.exam_view import exam_view
from labrun.app.gather import gather
from labrun.app.progress import Progress
from labrun.app.results import Judgement, Receipt, judgement, result_of
from labrun.app.shown import Told, final_part
from labrun.domain.evidence import Evidence
from labrun.domain.grade import Fault
from labrun.domain.lab import Limits
from labrun.domain.leaderboard import Shown
from labrun.domain.mode import Mode
from labrun.domain.regrade import Change, Item, Marks, change_of, changed_checks, falls, kept
from labrun.domain.result import AttemptInfo, GraderInfo, Result, Status
from labrun.domain.submission import Submission
from labrun.errors import PlatformError, SandboxError, StoreError
from labrun.sandbox.base import Box
from labrun.sandbox.labels import OWNER_LABEL, RUN_LABEL
from labrun.sandbox.owner import current as this_process
from labrun.store.evidence import EvidenceStore
from labrun.store.ledger_records import SHORT
from labrun.store.ledger_regrades import Current, Judged

TRIES = 2  # a platform fault is retried once
NOT_AGAIN = "regraded; nothing was counted"


@dataclass
class Nowhere:
    """A sandbox in which nothing can run: it only says where the stored evidence was gathered."""

    name: str
    official: bool
    image_id: str | None

    def recipe(self) -> dict[str, str | None]:
        """See `Sandbox.recipe`."""
        return {}

    def clear(self, label: str, value: str) -> None:
        """See `Sandbox.clear`."""

    def close(self) -> None:
        """See `Sandbox.close`."""

    def start(self, limits: Limits, *, labels: Mapping[str, str]) -> Box:
        """Refuse: stored evidence is judged without running anything."""
        del limits, labels
        msg = "nothing is run where stored evidence is judged again"
        raise SandboxError(msg)


@dataclass(frozen=True)
class _Found:
    """What one submission would get now."""

    submission: Submission
    judgement: Judgement
    shown: tuple[Shown, ...]
    seconds: float | None = None


def rescored(bench: Bench, current: Current, climb: Climb) -> Judged:
    """Judge what was seen when the submission was graded; the same bytes give the same bytes."""
    old = current.result.grader
    where = Nowhere(old.sandbox, current.entry.official, old.image_digest)
    bench = replace(bench, sandbox=where, mode=Mode(current.entry.kind))
    try:
        submission, evidence, basis = _stored(current, climb.store)
    except StoreError as error:
        return _unjudged(current, Change.UNREADABLE, str(error))
    if evidence is None:
        return _unjudged(current, Change.NEEDS_RERUN, "no evidence was kept of it")
    if why := _unfit(bench, current, evidence, basis):
        return _unjudged(current, Change.NEEDS_RERUN, "; ".join(why))
    return _rescored(bench, current, submission, evidence, climb)


def _unfit(bench: Bench, current: Current, evidence: Evidence, basis: Basis | None) -> list[str]:
    if basis is not None:
        return misfits(basis_of(bench), basis, bench.lab, evidence)
    same = current.entry.lab_digest == bench.digest
    return [] if same else ["its evidence does not say what it rests on"]


def _rescored(
    bench: Bench, current: Current, submission: Submission, evidence: Evidence, climb: Climb
) -> Judged:
    told = _told(climb, current, submission, evidence)
    found = judgement(evidence, told.grade)
    if found.fault is Fault.PLATFORM:  # what a check asks for was not gathered then
        return _unjudged(current, Change.NEEDS_RERUN, found.reason)
    done = _judged(bench, current, _Found(submission, found, told.shown))
    if done.result is None:
        return done
    old = current.result
    ran = old.grader.model_dump(exclude={"version"})
    grader = GraderInfo(version=done.result.grader.version, **ran)
    same = {"grader": grader, "environment": old.environment, "timings": old.timings}
    return done.model_copy(update={"result": exam_view(done.result.model_copy(update=same))})


def _stored(
    current: Current, store: EvidenceStore
) -> tuple[Submission, Evidence | None, Basis | None]:
    submission, digest = _files(current, store), current.entry.evidence
    if digest is None:
        return submission, None, None
    return submission, store.load(digest), read_basis(store.load_files(digest))


def rerun(
    bench: Bench, current: Current, climb: Climb, progress: Progress, *, regrade: str
) -> Judged:
    """Run the stored files again and judge that; a fault of the platform is tried once more.

    Rows are shuffled, and inputs drawn, as they were: what differs is not the grader's doing.
    """
    try:
        submission = _files(current, climb.store)
    except StoreError as error:
        return _unjudged(current, Change.UNREADABLE, str(error))
    if current.entry.official != bench.sandbox.official:
        where = f"it was graded in the {current.result.grader.sandbox} sandbox"
        return _unjudged(current, Change.NEEDS_RERUN, f"{where}, not in {bench.sandbox.name}")
    bench = replace(bench, mode=Mode(current.entry.kind))
    for attempt in range(1, TRIES + 1):
        try:
            return _run(bench, current, submission, climb, progress, regrade)
        except PlatformError as error:
            if attempt == TRIES:
                return _unjudged(current, Change.FAILED, str(error))
            progress.say(f"a fault of the platform, trying once more: {error}")
    raise AssertionError  # the loop returns


def _run(
    bench: Bench,
    current: Current,
    submission: Submission,
    climb: Climb,
    progress: Progress,
    regrade: str,
) -> Judged:
    started = time.monotonic()
    labels = {
        OWNER_LABEL: this_process().label(),
        RUN_LABEL: f"{regrade[-SHORT:]}-{current.entry.id}",
    }
    evidence = gather(
        bench,
        submission,
        labels=labels,
        progress=progress,
        enter=lambda _name: None,
        seed=_seed(current, climb.store),
    )
    told = _told(climb, current, submission, evidence)
    found = judgement(evidence, told.grade)
    if found.fault is Fault.PLATFORM:
        raise SandboxError(found.reason, help="run: labrun doctor")
    seconds = time.monotonic() - started
    done = _judged(bench, current, _Found(submission, found, told.shown, seconds))
    if done.result is None:
        return done
    result = exam_view(done.result)
    files = {"result.json": result, "trainer.json": done.result}
    kept = {name: each.model_dump_json().encode() for name, each in files.items()}
    digest = climb.store.keep(evidence, kept | as_file(basis_of(bench)))
    climb.regathered[current.entry.id] = digest
    return done.model_copy(update={"result": result, "evidence": digest})


def _told(climb: Climb, current: Current, submission: Submission, evidence: Evidence) -> Told:
    """Judge as it was done before: as the learner may see it, or finally, once a lab is closed."""
    if not current.final:
        return climb.told(current.entry, submission, evidence)
    part = final_part(climb.bench)
    return Told(judge(climb.bench, submission, evidence, part=part))


def _files(current: Current, store: EvidenceStore) -> Submission:
    if current.entry.files is None:
        msg = "the files of the submission were not kept"
        raise StoreError(msg)
    submission = store.load_submission(current.entry.files)
    if submission.digest != current.entry.sha256:
        msg = f"the files kept as {current.entry.files} are not those of the submission"
        raise StoreError(msg, help="restore the evidence from a backup")
    return submission


def _seed(current: Current, store: EvidenceStore) -> int | None:
    try:
        return store.load(current.entry.evidence).seed if current.entry.evidence else None
    except StoreError:
        return None  # it cannot be told any more; a fresh one is as fair


def _judged(bench: Bench, current: Current, found: _Found) -> Judged:
    if found.judgement.fault is Fault.LAB:
        return _unjudged(current, Change.LAB_FAULT, found.judgement.reason)
    entry, old, grade = current.entry, current.result, found.judgement.grade
    receipt = Receipt(
        id=entry.id,
        learner=entry.learner,
        received=entry.queued_at,
        message=entry.message,
        commit=entry.commit,
    )
    result = result_of(
        bench,
        found.submission,
        receipt,
        found.judgement,
        attempt=_attempt(old),
        seconds=(old.seconds or 0) if found.seconds is None else found.seconds,
    )
    board = bench.lab.leaderboard
    check = grade.result(board.check) if grade and board else None
    before = _marks(current)
    after = Marks(
        verdict=result.verdict,
        score=result.score,
        rank=check.finding.estimate if check else None,
    )
    change = change_of(before, after)
    worse = falls(before, after)
    item = _item(current, change, f"would fall, kept: {', '.join(worse)}" if worse else "")
    checks = tuple(changed_checks(old.checks, exam_view(result).checks))
    marks = {"after": after, "kept": kept(before, after), "checks": checks, "shown": found.shown}
    if current.final:
        result = result.model_copy(update={"part": old.part})
    return Judged(item=item.model_copy(update=marks), result=result)


def _attempt(old: Result) -> AttemptInfo:
    if old.status is Status.GRADED:
        return old.attempt
    return old.attempt.model_copy(update={"why": NOT_AGAIN})


def _unjudged(current: Current, change: Change, why: str) -> Judged:
    return Judged(item=_item(current, change, why))


def _item(current: Current, change: Change, why: str) -> Item:
    entry, lab = current.entry, current.result.lab
    return Item(
        submission=entry.id,
        learner=entry.learner,
        received=entry.queued_at,
        number=current.number,
        lab_version=lab.version,
        lab_digest=lab.digest,
        change=change,
        before=_marks(current),
        why=why,
    )


def _marks(current: Current) -> Marks:
    old = current.result
    return Marks(verdict=old.verdict, score=old.score, rank=current.rank)
