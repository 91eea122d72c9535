"""Take a submission in: once, within the rules, or as one that is there already."""

import sqlalchemy as sa

from labrun.domain.lab import Attempts
from labrun.errors import RefusedError
from labrun.store.attempts import chances, refuse_unless_allowed
from labrun.store.closing import refuse_if_closed
from labrun.store.ledger_database import Transaction
from labrun.store.ledger_records import PRIORITY, SHORT, Entry, NewSubmission, State
from labrun.store.ledger_rows import entries, entry
from labrun.store.ledger_runs import cancel
from labrun.store.tables import submissions

s = submissions.c
OPEN = (State.QUEUED, State.RUNNING)


def submit(tx: Transaction, new: NewSubmission, rules: Attempts) -> Entry:
    """Return the row that stands for ``new``: a new one, or the one that already does."""
    if known := entries(tx, s.id == new.id):
        return _same(known[0], new)
    if new.official and (graded := earlier(tx, new)):
        return graded
    if waiting := _the_same_waiting(tx, new):
        return waiting
    if new.official:
        refuse_if_closed(tx, new.lab, new.kind)
        found = chances(tx, new.learner, new.lab, kind=new.kind, rules=rules)
        refuse_unless_allowed(new.lab, tx.now, found)
    values = new.model_dump() | {
        "priority": PRIORITY[new.kind],
        "fair_rank": _fair_rank(tx, new.learner),
        "state": State.QUEUED,
        "epoch": 0,
        "platform_failures": 0,
        "not_before": tx.now,
        "queued_at": tx.now,
        "why": "",
    }
    tx.connection.execute(submissions.insert().values(values))
    tx.note(new.id, State.QUEUED)
    return entry(tx, new.id)


def earlier(tx: Transaction, new: NewSubmission) -> Entry | None:
    """Return the first graded submission of the same learner, lab, data and bytes."""
    found = entries(
        tx,
        s.learner == new.learner,
        s.lab == new.lab,
        s.lab_digest == new.lab_digest,
        s.sha256 == new.sha256,
        s.official == new.official,
        s.split == new.split,
        s.kind == new.kind,
        s.state == State.GRADED,
    )
    return found[-1] if found else None


def _same(known: Entry, new: NewSubmission) -> Entry:
    fields = ("learner", "lab", "sha256", "official", "split", "kind")
    if any(getattr(known, field) != getattr(new, field) for field in fields):
        msg = f"id {new.id!r} already names another submission"
        raise RefusedError(msg, help="make a fresh id for every submission")
    return known


def _the_same_waiting(tx: Transaction, new: NewSubmission) -> Entry | None:
    """Return what waits with the same bytes; what waits with others gives way to the newer ones.

    That costs nothing: whatever waits has had no grade yet. Only one that runs stands in the way.
    """
    for there in _open_rows(tx, new.learner, new.lab, new.kind):
        if there.official != new.official:
            continue
        if there.state is State.RUNNING:
            _refuse_beside(there, new)
        elif (there.sha256, there.lab_digest) == (new.sha256, new.lab_digest):
            return there
        else:
            cancel(tx, there.id, f"replaced by submission {new.id[-SHORT:]}")
    return None


def _refuse_beside(running: Entry, new: NewSubmission) -> None:
    if new.official:
        msg = f"submission {running.short} on {new.lab!r} is still running"
        raise RefusedError(msg, help=f"wait for it: `labrun status {running.short}`")


def _open_rows(tx: Transaction, learner: str, lab: str, kind: str) -> tuple[Entry, ...]:
    return entries(tx, s.learner == learner, s.lab == lab, s.kind == kind, s.state.in_(OPEN))


def _fair_rank(tx: Transaction, learner: str) -> int:
    query = sa.select(sa.func.count()).where(s.learner == learner, s.state.in_(OPEN))
    return int(tx.connection.execute(query).scalar_one())
