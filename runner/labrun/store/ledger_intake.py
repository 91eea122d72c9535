"""Take a submission in: once, within the rules, or as one that is there already."""

import sqlalchemy as sa

from labrun.domain.lab import Attempts
from labrun.errors import RefusedError
from labrun.store.attempts import chances, refuse_unless_allowed
from labrun.store.ledger_database import Transaction
from labrun.store.ledger_records import PRIORITY, Entry, NewSubmission, State
from labrun.store.ledger_rows import entries, entry
from labrun.store.tables import submissions

s = submissions.c
OPEN = (State.QUEUED, State.RUNNING)


def submit(tx: Transaction, new: NewSubmission, rules: Attempts) -> Entry:
    """Return the row that stands for ``new``: a new one, or the one that already does."""
    if known := entries(tx, s.id == new.id):
        return _same(known[0], new)
    if new.official:
        if (there := earlier(tx, new) or _waiting(tx, new)) is not None:
            return there
        found = chances(tx, new.learner, new.lab, kind=new.kind, rules=rules)
        refuse_unless_allowed(new.lab, tx.now, found)
    values = new.model_dump() | {
        "priority": PRIORITY[new.kind],
        "fair_rank": _open_rows(tx, new.learner),
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


def open_one(tx: Transaction, learner: str, lab: str, *, kind: str) -> Entry | None:
    """Return the official submission that is queued or running, if one is."""
    found = entries(
        tx, s.learner == learner, s.lab == lab, s.kind == kind, s.official, s.state.in_(OPEN)
    )
    return found[0] if found else None


def _same(known: Entry, new: NewSubmission) -> Entry:
    fields = ("learner", "lab", "sha256", "official", "split", "kind")
    if any(getattr(known, field) != getattr(new, field) for field in fields):
        msg = f"id {new.id!r} already names another submission"
        raise RefusedError(msg, help="make a fresh id for every submission")
    return known


def _waiting(tx: Transaction, new: NewSubmission) -> Entry | None:
    there = open_one(tx, new.learner, new.lab, kind=new.kind)
    if there is None:
        return None
    same = there.sha256 == new.sha256 and there.lab_digest == new.lab_digest
    if same and there.state is State.QUEUED:
        return there
    msg = f"submission {there.short} on {new.lab!r} is still {there.state}"
    raise RefusedError(msg, help=f"wait for it or cancel it; see `labrun status {there.short}`")


def _open_rows(tx: Transaction, learner: str) -> int:
    query = sa.select(sa.func.count()).where(s.learner == learner, s.state.in_(OPEN))
    return int(tx.connection.execute(query).scalar_one())
