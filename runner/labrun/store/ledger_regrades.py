"""Work a regrade out: under a lease, one submission after the other, resumable."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from labrun.domain.grade import Estimate
from labrun.domain.record import Record
from labrun.domain.regrade import Change, Item, Proposal
from labrun.domain.result import How, Result
from labrun.errors import RefusedError, UserError
from labrun.store import ledger_history
from labrun.store.ledger_database import Transaction
from labrun.store.ledger_records import SHORT, Claim, Entry, Id, State, Worker
from labrun.store.ledger_rows import entries
from labrun.store.ledger_runs import LEASE
from labrun.store.tables import finals, grades, regrade_items, regrades, submissions, superseded

OPEN, PROPOSED, PUBLISHED, REPLACED = "open", "proposed", "published", "replaced"
JUDGED = (State.GRADED, State.SYSTEM_ERROR)
r, i, s = regrades.c, regrade_items.c, submissions.c

IsAlive = Callable[[Worker], bool]


class NewRegrade(Record):
    """What is to be regraded, by what; ``only`` names learners or submissions, all if empty."""

    id: Id
    lab: str
    how: How
    only: tuple[str, ...]
    lab_version: str
    lab_digest: str
    data_digest: str | None
    grader: str


class Current(Record):
    """The result that counts of one submission; ``number`` is 1 unless it replaced another.

    ``final`` if it is what counts since its lab was closed, judged on the rows kept for that.
    """

    entry: Entry
    number: int
    result: Result
    rank: Estimate | None
    final: bool


class Judged(Record):
    """One submission, regraded; ``result`` and ``evidence`` where there are new ones."""

    item: Item
    result: Result | None = None
    evidence: str | None = None


def candidates(tx: Transaction, lab: str) -> tuple[Entry, ...]:
    """Return what has been judged on hidden data, or could not be for a fault of the lab's."""
    return entries(tx, s.lab == lab, s.split != "public", s.state.in_(JUDGED))


def current(tx: Transaction, entry: Entry) -> Current:
    """Return the result of a submission that counts now."""
    final = final_row(tx, entry.id)
    rank = final.estimate if final else _rank_estimate(tx, entry.id)
    return Current(
        entry=entry,
        number=number_of(tx, entry.id),
        result=result_now(tx, entry.id),
        rank=Estimate.model_validate_json(rank) if rank else None,
        final=final is not None,
    )


def result_now(tx: Transaction, submission: str) -> Result:
    """Return the result that counts: the final one, if there is one."""
    final = final_row(tx, submission)
    if final is None:
        return ledger_history.result(tx, submission)
    return Result.model_validate_json(final.result)


def final_row(tx: Transaction, submission: str) -> sa.Row[Any] | None:
    """Return what was settled when the lab was closed, if this is what counts of its learner."""
    query = sa.select(finals).where(finals.c.submission_id == submission)
    return tx.connection.execute(query).one_or_none()


def _rank_estimate(tx: Transaction, submission: str) -> str | None:
    query = sa.select(grades.c.rank_estimate).where(grades.c.submission_id == submission)
    found: str | None = tx.connection.execute(query).scalar_one()
    return found


def number_of(tx: Transaction, submission: str) -> int:
    """Return which result of the submission counts: 1 for the first."""
    query = sa.select(sa.func.count()).where(superseded.c.submission_id == submission)
    return int(tx.connection.execute(query).scalar_one()) + 1


def begin(
    tx: Transaction, new: NewRegrade, chosen: Sequence[Entry], worker: Worker, is_alive: IsAlive
) -> Claim:
    """Return the right to work on ``new``, or on the same regrade where it was interrupted.

    Proposals of another state of the lab give way; what they proposed is not lost, but can no
    longer be published. Raises `RefusedError` while another process works on the same.
    """
    same = sa.and_(r.lab == new.lab, r.how == new.how, r.chosen == json.dumps(new.only))
    found = tx.connection.execute(
        sa.select(regrades).where(same, r.state.in_((OPEN, PROPOSED)))
    ).all()
    resumed = None
    for row in found:
        _refuse_beside(tx, row, worker.host, is_alive)
        if row.state == OPEN and _alike(row, new):
            resumed = row
        else:
            _change(tx, r.id == row.id, state=REPLACED)
    claim = Claim(id=resumed.id, epoch=resumed.epoch + 1) if resumed else _insert(tx, new)
    _change(tx, r.id == claim.id, epoch=claim.epoch, lease_until=tx.now + LEASE, **_named(worker))
    _choose(tx, claim, chosen)
    return claim


def beat(tx: Transaction, claim: Claim) -> bool:
    """Renew the lease; False if it is lost."""
    return _change(tx, _held(claim), lease_until=tx.now + LEASE) == 1


def waiting(tx: Transaction, claim: Claim) -> tuple[str, ...]:
    """Return the submissions still to be regraded, oldest first."""
    query = sa.select(i.submission_id).where(i.regrade_id == claim.id, i.body.is_(None))
    return tuple(tx.connection.execute(query.order_by(i.submission_id)).scalars())


def keep(tx: Transaction, claim: Claim, judged: Judged) -> bool:
    """Keep what became of one submission; False, and nothing kept, if the lease is lost."""
    if not beat(tx, claim):
        return False
    item = judged.item
    tx.connection.execute(
        regrade_items.update()
        .where(i.regrade_id == claim.id, i.submission_id == item.submission)
        .values(
            number=item.number,
            body=as_json(item),
            evidence=judged.evidence,
            result=as_json(judged.result) if judged.result else None,
        )
    )
    return True


def end(tx: Transaction, claim: Claim) -> None:
    """Let go of a regrade: proposed if every submission was regraded, open to go on if not."""
    whole = not waiting(tx, claim) and not _failed(tx, claim.id)
    nobody = dict.fromkeys(("worker", "worker_host", "worker_pid", "worker_started"))
    state = PROPOSED if whole else OPEN
    _change(tx, _held(claim), state=state, lease_until=None, **nobody)


def find(tx: Transaction, lab: str, text: str) -> Proposal:
    """Return the one regrade of a lab whose id begins or ends with ``text``."""
    wanted = text.strip().lower()
    found: Sequence[sa.Row[Any]] = ()
    if wanted.isalnum() and wanted.isascii():
        named = r.id.like(f"{wanted}%") | r.id.like(f"%{wanted}")
        found = tx.connection.execute(sa.select(regrades).where(r.lab == lab, named)).all()
    if len(found) != 1:
        msg = f"there is no regrade {text!r} of {lab}"
        if found:
            msg = f"{text!r} could be any of {len(found)} regrades of {lab}"
        raise UserError(msg, help=_proposed(tx, lab))
    return _proposal(tx, found[0])


def items(tx: Transaction, regrade: str) -> tuple[Judged, ...]:
    """Return what was worked out, oldest submission first."""
    query = sa.select(regrade_items).where(i.regrade_id == regrade, i.body.is_not(None))
    return tuple(
        Judged(
            item=Item.model_validate_json(row.body),
            result=Result.model_validate_json(row.result) if row.result else None,
            evidence=row.evidence,
        )
        for row in tx.connection.execute(query.order_by(i.submission_id))
    )


def as_json(record: Record) -> str:
    """Return a record as JSON that keeps what is infinite."""
    return json.dumps(record.model_dump(mode="json"))


def _proposal(tx: Transaction, row: sa.Row[Any]) -> Proposal:
    judged = items(tx, row.id)
    return Proposal(
        id=row.id,
        lab=row.lab,
        how=How(row.how),
        only=tuple(json.loads(row.chosen)),
        lab_version=row.lab_version,
        lab_digest=row.lab_digest,
        data_digest=row.data_digest,
        state=row.state,
        created=row.created,
        published=row.published,
        reason=row.reason,
        waiting=len(waiting(tx, Claim(id=row.id, epoch=row.epoch))),
        items=tuple(each.item for each in judged),
    )


def _proposed(tx: Transaction, lab: str) -> str:
    ids = tx.connection.execute(
        sa.select(r.id).where(r.lab == lab, r.state == PROPOSED).order_by(r.id)
    ).scalars()
    named = ", ".join(each[-SHORT:] for each in ids)
    return f"proposed: {named}" if named else f"make one: labrun regrade {lab} --rescore"


def _failed(tx: Transaction, regrade: str) -> bool:
    return any(each.item.change is Change.FAILED for each in items(tx, regrade))


def _alike(row: sa.Row[Any], new: NewRegrade) -> bool:
    fields = ("lab_digest", "data_digest", "grader")
    return all(getattr(row, field) == getattr(new, field) for field in fields)


def _refuse_beside(tx: Transaction, row: sa.Row[Any], host: str, is_alive: IsAlive) -> None:
    if row.worker is None:
        return
    worker = Worker(
        name=row.worker,
        host=row.worker_host,
        pid=row.worker_pid,
        started=row.worker_started,
    )
    alive = is_alive(worker) if worker.host == host else row.lease_until > tx.now
    if alive:
        msg = f"regrade {row.id[-SHORT:]} of {row.lab} is being worked out by another command"
        raise RefusedError(msg, help=f"wait for it: pid {worker.pid} on {worker.host}")


def _insert(tx: Transaction, new: NewRegrade) -> Claim:
    values = new.model_dump(exclude={"only"}) | {"chosen": json.dumps(new.only)}
    tx.connection.execute(regrades.insert().values(**values, state=OPEN, epoch=0, created=tx.now))
    return Claim(id=new.id, epoch=1)


def _choose(tx: Transaction, claim: Claim, chosen: Sequence[Entry]) -> None:
    """Make the list what is chosen now; what changed, or failed for us, is to be done again."""
    known = {each.item.submission: each.item for each in items(tx, claim.id)}
    numbers = {entry.id: number_of(tx, entry.id) for entry in chosen}
    stays = {
        each.submission
        for each in known.values()
        if each.change is not Change.FAILED and numbers.get(each.submission) == each.number
    }
    mine = i.regrade_id == claim.id
    tx.connection.execute(regrade_items.delete().where(mine, i.submission_id.not_in(stays)))
    rows: Iterable[dict[str, Any]] = (
        {"regrade_id": claim.id, "submission_id": submission, "number": number}
        for submission, number in numbers.items()
        if submission not in stays
    )
    if rows := list(rows):
        tx.connection.execute(regrade_items.insert(), rows)


def _named(worker: Worker) -> dict[str, Any]:
    return {
        "worker": worker.name,
        "worker_host": worker.host,
        "worker_pid": worker.pid,
        "worker_started": worker.started,
    }


def _held(claim: Claim) -> sa.ColumnElement[bool]:
    return sa.and_(r.id == claim.id, r.epoch == claim.epoch, r.state == OPEN)


def _change(tx: Transaction, where: sa.ColumnElement[bool], **values: Any) -> int:
    return tx.connection.execute(regrades.update().where(where).values(**values)).rowcount
