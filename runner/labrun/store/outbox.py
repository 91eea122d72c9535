"""Grades that the tracker has yet to hear of; written with the grade, so none is forgotten."""

import sqlalchemy as sa

from labrun.store.ledger_database import Transaction
from labrun.store.ledger_records import Delivery
from labrun.store.tables import outbox

TRACKER = "tracker"
PENDING = "pending"
DONE = "done"
o = outbox.c


def post(tx: Transaction, submission: str) -> None:
    """Leave a grade to be recorded."""
    tx.connection.execute(
        outbox.insert().values(
            submission_id=submission, kind=TRACKER, state=PENDING, tries=0, at=tx.now
        )
    )


def pending(tx: Transaction) -> tuple[Delivery, ...]:
    """Return what is still to be recorded, oldest first."""
    return _deliveries(tx, o.state == PENDING)


def delivery(tx: Transaction, submission: str) -> Delivery | None:
    """Return how far one grade has come; None if there is nothing to record."""
    found = _deliveries(tx, o.submission_id == submission)
    return found[0] if found else None


def recorded(tx: Transaction, submission: str, run_url: str) -> None:
    """Note that the tracker has the grade; saying so twice changes nothing."""
    changes = {"state": DONE, "tries": o.tries + 1, "last_error": None, "run_url": run_url}
    _change(tx, submission, **changes)


def record_failed(tx: Transaction, submission: str, error: str) -> None:
    """Note why the tracker did not take the grade; it stays to be recorded."""
    _change(tx, submission, tries=o.tries + 1, last_error=error)


def _change(tx: Transaction, submission: str, **values: object) -> None:
    waiting = outbox.update().where(
        o.submission_id == submission, o.kind == TRACKER, o.state == PENDING
    )
    tx.connection.execute(waiting.values(at=tx.now, **values))


def _deliveries(tx: Transaction, where: sa.ColumnElement[bool]) -> tuple[Delivery, ...]:
    query = sa.select(outbox).where(where, o.kind == TRACKER).order_by(o.at, o.submission_id)
    return tuple(
        Delivery(
            submission_id=row.submission_id,
            done=row.state == DONE,
            tries=row.tries,
            last_error=row.last_error,
            run_url=row.run_url,
            at=row.at,
        )
        for row in tx.connection.execute(query)
    )
