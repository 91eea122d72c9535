"""What the ledger knows, for whoever asks."""

from datetime import UTC, datetime

from labrun.app.progress import Progress
from labrun.app.recover import open_ledger, recover
from labrun.app.settings import Settings
from labrun.domain.leaderboard import Board
from labrun.domain.result import Result
from labrun.store.labs import find_lab, read_lab
from labrun.store.ledger_records import Entry, Event


def now() -> datetime:
    """Return the time, in UTC, which is the only zone that is kept."""
    return datetime.now(UTC)


def status_of(
    submission: str, settings: Settings, progress: Progress
) -> tuple[Entry, tuple[Event, ...], str | None]:
    """Return one submission, what happened to it, and its MLflow run if it has one."""
    with open_ledger(settings) as ledger:
        recover(ledger, settings, progress.say)
        entry = ledger.find(submission)
        delivery = ledger.delivery(entry.id)
        return entry, ledger.events(entry.id), delivery.run_url if delivery else None


def unfinished(settings: Settings, progress: Progress) -> tuple[tuple[Entry, ...], int]:
    """Return what is queued, running or held, and how many grades wait for the tracker."""
    with open_ledger(settings) as ledger:
        recover(ledger, settings, progress.say)
        return ledger.unfinished(), len(ledger.pending())


def history(lab: str | None, settings: Settings) -> tuple[Entry, ...]:
    """Return what the learner handed in, newest first."""
    slug = find_lab(settings.labs, lab).name if lab else None
    with open_ledger(settings) as ledger:
        return ledger.history(settings.learner, slug)


def result_of_submission(submission: str, settings: Settings) -> Result:
    """Return the kept result of a submission."""
    with open_ledger(settings) as ledger:
        return ledger.result(ledger.find(submission).id)


def leaderboard(lab: str, settings: Settings) -> Board:
    """Return the leaderboard of a lab."""
    read = read_lab(find_lab(settings.labs, lab))
    with open_ledger(settings) as ledger:
        return ledger.board(read)


def runs_table_url(lab: str, settings: Settings) -> str:
    """Return the address of a lab's runs in MLflow, sorted by score."""
    from labrun.app.recording import tracker_for  # noqa: PLC0415  (imports the tracker)

    return tracker_for(settings).runs_url(lab)
