"""What the ledger knows, for whoever asks."""

from collections.abc import Sequence
from datetime import UTC, datetime

from labrun.app.exam_entry import exam_entry
from labrun.app.recover import open_ledger
from labrun.app.settings import Settings
from labrun.domain.leaderboard import Board
from labrun.domain.result import Result
from labrun.errors import UserError
from labrun.store.evidence import TRAINERS_COPY, EvidenceStore
from labrun.store.labs import find_lab, read_lab
from labrun.store.ledger_records import Earlier, Entry, Kind


def now() -> datetime:
    """Return the time, in UTC, which is the only zone that is kept."""
    return datetime.now(UTC)


def history(lab: str | None, settings: Settings) -> tuple[Entry, ...]:
    """Return what the learner handed in, newest first."""
    slug = find_lab(settings.labs, lab).name if lab else None
    with open_ledger(settings) as ledger:
        return tuple(map(exam_entry, ledger.history(settings.learner, slug)))


def earlier_results(entries: Sequence[Entry], settings: Settings) -> dict[str, tuple[Earlier, ...]]:
    """Return, by submission, the results that a regrade replaced, the latest first."""
    with open_ledger(settings) as ledger:
        found = ledger.regrades.earlier([entry.id for entry in entries])
    return {
        entry.id: tuple(each for each in found if each.submission == entry.id) for entry in entries
    }


def result_of_submission(submission: str, settings: Settings) -> Result:
    """Return the kept result of a submission."""
    with open_ledger(settings) as ledger:
        whole = ledger.find(submission).id
        return ledger.closing.result(whole) or ledger.result(whole)


def trainers_copy(submission: str, settings: Settings) -> Result:
    """Return a result as it was before an exam's view was made of it; of practice it is the same.

    Raises `UserError` where nothing ran, so that there is no evidence.
    """
    with open_ledger(settings) as ledger:
        entry = ledger.find(submission)
        if entry.kind is Kind.PRACTICE:
            return ledger.result(entry.id)
    if entry.evidence is None:
        msg = f"submission {entry.short} has no evidence: it is {entry.state}"
        raise UserError(msg, help=f"run: labrun result {entry.short}")
    files = EvidenceStore(settings.evidence).load_files(entry.evidence)
    return Result.model_validate_json(files[TRAINERS_COPY])


def leaderboard(lab: str, settings: Settings) -> Board:
    """Return the leaderboard of a lab."""
    read = read_lab(find_lab(settings.labs, lab))
    with open_ledger(settings) as ledger:
        return ledger.board(read)


def runs_table_url(lab: str, settings: Settings) -> str:
    """Return the address of a lab's runs in MLflow, sorted by score."""
    from labrun.app.recording import tracker_for  # noqa: PLC0415  (imports the tracker)

    return tracker_for(settings).runs_url(lab)
