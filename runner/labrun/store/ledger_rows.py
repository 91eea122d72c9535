"""Read submissions out of the ledger as records."""

from typing import Any

import sqlalchemy as sa

from labrun.errors import StoreError
from labrun.store.ledger_database import Transaction
from labrun.store.ledger_records import Entry, Worker
from labrun.store.tables import grades, submissions

s = submissions.c
_ENTRY = sa.select(submissions, grades.c.verdict, grades.c.score, grades.c.evidence).select_from(
    submissions.outerjoin(grades, grades.c.submission_id == s.id)
)
_HIDDEN = {"fair_rank", "worker_host", "worker_pid", "worker_started"}


def entries(tx: Transaction, *where: sa.ColumnElement[bool]) -> tuple[Entry, ...]:
    """Return the submissions that meet every condition, newest first."""
    query = _ENTRY.where(*where).order_by(s.queued_at.desc(), s.id.desc())
    return tuple(_entry(row) for row in tx.connection.execute(query).mappings())


def entry(tx: Transaction, submission: str) -> Entry:
    """Return the submission with exactly this id; that it is missing is the ledger's fault."""
    found = entries(tx, s.id == submission)
    if not found:
        msg = f"the ledger lacks submission {submission!r}"
        raise StoreError(msg, help="it may have been moved or replaced: run `labrun history`")
    return found[0]


def _entry(row: sa.RowMapping) -> Entry:
    fields: dict[str, Any] = {name: row[name] for name in row if name not in _HIDDEN}
    fields["worker"] = None
    if row["worker"] is not None:
        fields["worker"] = Worker(
            name=row["worker"],
            host=row["worker_host"],
            pid=row["worker_pid"],
            started=row["worker_started"],
        )
    return Entry.model_validate(fields)
