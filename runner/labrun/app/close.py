"""Close a lab: grade once, on the rows kept for it, what each learner wants to count."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from labrun.app.bench import Bench, judge, set_up
from labrun.app.exam_view import exam_view
from labrun.app.progress import Progress
from labrun.app.recover import open_ledger, recover
from labrun.app.results import Receipt, judgement, result_of
from labrun.app.settings import Settings
from labrun.app.shown import final_part
from labrun.app.submit import rank_of
from labrun.app.tiers import NO_ENGINE, Comparison
from labrun.domain.leaderboard import Board, Final
from labrun.domain.record import Record
from labrun.errors import LabError, RefusedError, StoreError, TrackerError
from labrun.grading.predictions import Array
from labrun.store.closing import refuse_unknown
from labrun.store.evidence import EvidenceStore
from labrun.store.labs import find_lab, read_lab
from labrun.store.ledger import Ledger
from labrun.store.ledger_board import height_of
from labrun.store.ledger_records import Entry, Kind


class Closed(Record):
    """A lab that takes no more submissions, with what counts; ``at`` is since when."""

    at: datetime
    board: Board


def close(lab: str, settings: Settings, progress: Progress) -> Closed:
    """Close a lab and grade finally; what was interrupted half-way goes on, all else stays.

    Nothing is run: predictions for every hidden row were kept when the submission was graded.
    Raises `RefusedError` while a submission waits or runs, `UserError` where the lab keeps no rows
    for the end.
    """
    folder = find_lab(settings.labs, lab)
    read = read_lab(folder)
    refuse_unknown(read.slug, read.grading.feedback)
    kind = Kind(settings.mode)
    with open_ledger(settings) as ledger:
        recover(ledger, settings, progress.say)
        at = ledger.closing.close(read.slug, kind=kind)
        if not ledger.closing.settled(read.slug, kind=kind):
            _settle(ledger, folder, settings, progress, kind)
        board = ledger.board(read, kind=kind)
        _publish(board, settings, progress)
    return Closed(at=at, board=board)


def choose(submission: str, settings: Settings) -> Entry:
    """Let one of the learner's submissions count when its lab is closed.

    Raises `RefusedError` for somebody else's, and where it cannot count.
    """
    with open_ledger(settings) as ledger:
        entry = ledger.find(submission)
        if entry.learner != settings.learner:
            msg = f"submission {entry.short} is not by {settings.learner!r}"
            raise RefusedError(msg, help="choose one of your own: labrun history")
        read = read_lab(find_lab(settings.labs, entry.lab))
        refuse_unknown(read.slug, read.grading.feedback)
        return ledger.closing.choose(entry.id)


def _settle(
    ledger: Ledger, folder: Path, settings: Settings, progress: Progress, kind: Kind
) -> None:
    quiet = settings.model_copy(update={"sandbox": NO_ENGINE})
    bench = set_up(folder, split="hidden", settings=quiet, progress=progress)
    store, part = EvidenceStore(settings.evidence), final_part(bench)
    counting = ledger.closing.counting(bench.lab.slug, kind=kind)
    known = {each.learner: each for each in ledger.board(bench.lab, kind=kind).official}
    found = []
    for number, entry in enumerate(counting, 1):
        progress.say(f"[{number}/{len(counting)}] {entry.learner}  {entry.short}")
        final = _final(ledger, bench, store, entry, part)
        graded = known[entry.learner].submissions if entry.learner in known else 1
        found.append(final.model_copy(update={"submissions": graded}))
    ledger.closing.settle(
        bench.lab.slug, _with_tiers(found, counting, Comparison(bench, part, store)), kind=kind
    )


def _final(
    ledger: Ledger, bench: Bench, store: EvidenceStore, entry: Entry, part: Mapping[str, Array]
) -> Final:
    if entry.evidence is None or entry.files is None:
        msg = f"what submission {entry.short} of {entry.learner!r} did was not kept"
        raise StoreError(msg, help="restore the evidence from a backup, then close again")
    evidence, submission = store.load(entry.evidence), store.load_submission(entry.files)
    grade = judge(bench, submission, evidence, part=part)
    found = judgement(evidence, grade)
    if found.fault:
        msg = f"submission {entry.short} of {entry.learner!r} cannot be graded: {found.reason}"
        raise LabError(msg, help="correct the lab, then close again; nothing was kept yet")
    old = ledger.result(entry.id)
    receipt = Receipt(id=entry.id, learner=entry.learner, received=entry.queued_at)
    new = result_of(bench, submission, receipt, found, attempt=old.attempt, seconds=0)
    changed = ("verdict", "score", "failed_gates", "checks", "plots", "pass_score")
    values = {name: getattr(new, name) for name in changed}
    return Final(
        submission=entry.id,
        learner=entry.learner,
        received=entry.queued_at,
        submissions=1,
        result=exam_view(old.model_copy(update={**values, "part": "final"})),
        rank=rank_of(bench.lab, grade),
    )


def _with_tiers(
    found: list[Final], counting: Iterable[Entry], comparison: Comparison
) -> list[Final]:
    kept = {entry.id: entry.evidence for entry in counting}
    measured = [each for each in found if each.rank is not None]
    measured.sort(key=lambda each: (-(height_of(each.rank) or 0), each.received, each.submission))
    known = comparison.tiers([(each.submission, kept[each.submission]) for each in measured])
    return [each.model_copy(update={"tier": known.get(each.submission)}) for each in found]


def _publish(board: Board, settings: Settings, progress: Progress) -> None:
    from labrun.app.recording import tracker_for  # noqa: PLC0415  (imports the tracker)

    try:
        tracker_for(settings).describe(board)
    except TrackerError as error:
        progress.say(f"MLflow still shows the old leaderboard: {error}; close again to refresh it")
