"""Look things up: a submission by what a person types, its result, what happened to it."""

import json

import sqlalchemy as sa
from pydantic import ValidationError

from labrun.domain.result import Result
from labrun.errors import StoreError, UserError
from labrun.store.ledger_database import Transaction
from labrun.store.ledger_records import Entry, Event, State
from labrun.store.ledger_rows import entries, entry
from labrun.store.tables import events, grades, regrade_items, regrades, submissions, superseded

MOST_NAMED = 5
s = submissions.c


def history(tx: Transaction, learner: str, lab: str | None) -> tuple[Entry, ...]:
    """Return what a learner handed in, newest first."""
    where = [s.learner == learner] if lab is None else [s.learner == learner, s.lab == lab]
    return entries(tx, *where)


def handed_in(tx: Transaction, lab: str) -> tuple[Entry, ...]:
    """Return what anybody handed in for a lab, newest first."""
    return entries(tx, s.lab == lab)


def unfinished(tx: Transaction) -> tuple[Entry, ...]:
    """Return what waits, runs or is held, newest first."""
    return entries(tx, s.state.in_((State.QUEUED, State.RUNNING, State.HELD)))


def find(tx: Transaction, text: str) -> Entry:
    """Return the one submission whose id begins or ends with ``text``."""
    wanted = text.strip().lower()
    found: tuple[Entry, ...] = ()
    if wanted.isalnum() and wanted.isascii():
        found = entries(tx, s.id.like(f"{wanted}%") | s.id.like(f"%{wanted}"))
    if not found:
        msg = f"there is no submission {text!r}"
        raise UserError(msg, help="`labrun history` lists yours")
    if len(found) > 1:
        named = ", ".join(each.short for each in found[:MOST_NAMED])
        more = ", …" if len(found) > MOST_NAMED else ""
        msg = f"{text!r} could be any of {len(found)} submissions"
        raise UserError(msg, help=f"write one of them: {named}{more}")
    return found[0]


def result(tx: Transaction, submission: str) -> Result:
    """Return the kept result of a finished submission; ``submission`` is a whole id."""
    row = entry(tx, submission)
    query = sa.select(grades.c.result).where(grades.c.submission_id == submission)
    body = tx.connection.execute(query).scalar_one_or_none()
    if body is None:
        msg = f"submission {row.short} has no result: it is {row.state}"
        raise UserError(msg, help=f"see where it stands with `labrun status {row.short}`")
    try:
        return Result.model_validate_json(body)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "result"
        msg = f"the kept result of {row.short} cannot be read: {where}: {error.errors()[0]['msg']}"
        raise StoreError(msg, help="another version of labrun may have written it") from error


def happenings(tx: Transaction, submission: str) -> tuple[Event, ...]:
    """Return what happened to one submission, in order."""
    query = sa.select(events).where(events.c.submission_id == submission).order_by(events.c.seq)
    return tuple(
        Event(
            seq=row.seq,
            submission_id=row.submission_id,
            at=row.at,
            kind=row.kind,
            data=json.loads(row.data),
        )
        for row in tx.connection.execute(query)
    )


def kept_digests(tx: Transaction) -> frozenset[str]:
    """Return every digest a row refers to: what a clean-up must leave."""
    files = sa.select(s.files).where(s.files.is_not(None))
    evidence = sa.select(grades.c.evidence).where(grades.c.evidence.is_not(None))
    earlier = sa.select(superseded.c.evidence).where(superseded.c.evidence.is_not(None))
    proposed = (
        sa.select(regrade_items.c.evidence)
        .join(regrades, regrades.c.id == regrade_items.c.regrade_id)
        .where(regrade_items.c.evidence.is_not(None), regrades.c.state != "replaced")
    )
    kept = sa.union(files, evidence, earlier, proposed)
    return frozenset(tx.connection.execute(kept).scalars())
