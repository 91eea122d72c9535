"""How submissions stand: what the ledger says, and no more imports than that takes."""

from labrun.app.exam_entry import exam_entry, exam_events
from labrun.app.progress import Progress
from labrun.app.recover import open_ledger, recover
from labrun.app.settings import Settings
from labrun.store.ledger_records import Entry, Event


def status_of(
    submission: str, settings: Settings, progress: Progress
) -> tuple[Entry, tuple[Event, ...], str | None]:
    """Return one submission, what happened to it, and its MLflow run if it has one."""
    with open_ledger(settings) as ledger:
        recover(ledger, settings, progress.say)
        entry = ledger.find(submission)
        delivery = ledger.delivery(entry.id)
        events = exam_events(entry, ledger.events(entry.id))
        return exam_entry(entry), events, delivery.run_url if delivery else None


def unfinished(settings: Settings, progress: Progress) -> tuple[tuple[Entry, ...], int]:
    """Return what is queued, running or held, and how many grades wait for the tracker."""
    with open_ledger(settings) as ledger:
        recover(ledger, settings, progress.say)
        return tuple(map(exam_entry, ledger.unfinished())), len(ledger.pending())
