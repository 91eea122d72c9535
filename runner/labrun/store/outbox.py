"""Grades that the tracker has yet to hear of; written with the grade, so none is forgotten."""

import sqlalchemy as sa

from labrun.store.ledger_database import Transaction
from labrun.store.ledger_records import Delivery
from labrun.store.tables import outbox

TRACKER = "tracker"
PENDING = "pending"
DONE = "done"
o = outbox.c


def post(tx: Transaction, submission: str, *, number: int = 1) -> None:
    """Leave a grade to be recorded; ``number`` is 2 and more for one that replaced another."""
    tx.connection.execute(
        outbox.insert().values(
            submission_id=submission, kind=_kind(number), state=PENDING, tries=0, at=tx.now
        )
    )


def pending(tx: Transaction) -> tuple[Delivery, ...]:
    """Return what is still to be recorded, oldest first, a result before what replaced it."""
    found = _deliveries(tx, o.state == PENDING)
    first: dict[str, int] = {}
    for place, each in enumerate(found):
        first.setdefault(each.submission_id, place)
    return tuple(sorted(found, key=lambda each: (first[each.submission_id], each.number)))


def delivery(tx: Transaction, submission: str) -> Delivery | None:
    """Return how far the grade that counts has come; None if there is nothing to record."""
    found = _deliveries(tx, o.submission_id == submission)
    return max(found, key=lambda each: each.number) if found else None


def recorded(tx: Transaction, submission: str, run_url: str, *, number: int = 1) -> None:
    """Note that the tracker has the grade; saying so twice changes nothing."""
    changes = {"state": DONE, "tries": o.tries + 1, "last_error": None, "run_url": run_url}
    _change(tx, submission, number, **changes)


def record_failed(tx: Transaction, submission: str, error: str, *, number: int = 1) -> None:
    """Note why the tracker did not take the grade; it stays to be recorded."""
    _change(tx, submission, number, tries=o.tries + 1, last_error=error)


def _kind(number: int) -> str:
    return TRACKER if number == 1 else f"{TRACKER}.{number}"


def _change(tx: Transaction, submission: str, number: int, **values: object) -> None:
    waiting = outbox.update().where(
        o.submission_id == submission, o.kind == _kind(number), o.state == PENDING
    )
    tx.connection.execute(waiting.values(at=tx.now, **values))


def _deliveries(tx: Transaction, where: sa.ColumnElement[bool]) -> tuple[Delivery, ...]:
    query = sa.select(outbox).where(where).order_by(o.at, o.submission_id)
    return tuple(
        Delivery(
            submission_id=row.submission_id,
            number=int(row.kind.partition(".")[2] or 1),
            done=row.state == DONE,
            tries=row.tries,
            last_error=row.last_error,
            run_url=row.run_url,
            at=row.at,
        )
        for row in tx.connection.execute(query)
    )
