"""Run a submission: claimed under a lease, fenced by an epoch, finished once."""

import json
from collections.abc import Callable, Iterable
from datetime import timedelta

import sqlalchemy as sa

from labrun.domain.grade import Estimate
from labrun.domain.leaderboard import Shown
from labrun.domain.result import Result
from labrun.store import outbox
from labrun.store.ledger_board import refresh
from labrun.store.ledger_database import Transaction
from labrun.store.ledger_records import (
    FINISHED,
    Claim,
    Entry,
    Recovered,
    State,
    Worker,
)
from labrun.store.ledger_rows import entries, entry
from labrun.store.ledger_shown import keep_shown
from labrun.store.tables import grades, runs, submissions

LEASE = timedelta(seconds=30)
FAILURES_TO_HOLD = 5
BACK_OFF = timedelta(seconds=10)  # doubled with every failure
s = submissions.c


def claim(tx: Transaction, submission: str, worker: Worker) -> Claim | None:
    """Start a run; None if the submission is not waiting.

    Back-off is for workers that pull what comes next: one that names an id wants it now.
    """
    taken = tx.connection.execute(
        submissions.update()
        .where(s.id == submission, s.state == State.QUEUED)
        .values(
            state=State.RUNNING,
            epoch=s.epoch + 1,
            worker=worker.name,
            worker_host=worker.host,
            worker_pid=worker.pid,
            worker_started=worker.started,
            lease_until=tx.now + LEASE,
            started_at=tx.now,
            phase=None,
            why="",
        )
        .returning(s.epoch)
    ).scalar_one_or_none()
    if taken is None:
        return None
    tx.connection.execute(
        runs.insert().values(
            submission_id=submission,
            epoch=taken,
            worker=worker.name,
            host=worker.host,
            started=tx.now,
        )
    )
    tx.note(submission, State.RUNNING, epoch=taken, worker=worker.name)
    return Claim(id=submission, epoch=taken)


def beat(tx: Transaction, claim: Claim) -> bool:
    """Renew the lease; False if it is lost."""
    return _while_held(tx, claim, lease_until=tx.now + LEASE)


def enter_phase(tx: Transaction, claim: Claim, name: str) -> bool:
    """Say what is running now; False if the lease is lost."""
    held = _while_held(tx, claim, lease_until=tx.now + LEASE, phase=name)
    if held:
        tx.note(claim.id, "phase", epoch=claim.epoch, phase=name)
    return held


def finish(
    tx: Transaction,
    claim: Claim,
    result: Result,
    *,
    rank: Estimate | None,
    evidence: str | None,
    shown: Iterable[Shown] = (),
) -> bool:
    """Keep the result for good; False, and nothing kept, if the lease is lost."""
    state = _final(result)
    graded = state is State.GRADED
    values = {"finished_at": tx.now, "lease_until": None, "phase": None, "why": result.reason}
    counted = sa.and_(s.official, sa.literal(graded))
    if not _while_held(tx, claim, state=state, counted=counted, **values):
        return False
    row = entry(tx, claim.id)
    tx.connection.execute(
        grades.insert().values(
            submission_id=claim.id,
            epoch=claim.epoch,
            lab=row.lab,
            kind=row.kind,
            official=row.official,
            learner=row.learner,
            received=row.queued_at,
            at=tx.now,
            verdict=result.verdict,
            score=result.score,
            evidence=evidence,
            result=_as_json(result),
            **_rank(rank),
        )
    )
    _end_run(tx, claim, state)
    tx.note(claim.id, state, epoch=claim.epoch)
    if graded:
        keep_shown(tx, row, shown)
        refresh(tx, row.lab, row.kind, row.learner, official=row.official)
        outbox.post(tx, claim.id)
    return True


def give_back(tx: Transaction, claim: Claim, why: str) -> Entry | None:
    """Return the submission to the queue, or hold it after too many failures; None if lost."""
    failures = s.platform_failures + 1
    doubling = entry(tx, claim.id).platform_failures
    held = _while_held(
        tx,
        claim,
        state=sa.case((failures >= FAILURES_TO_HOLD, State.HELD), else_=State.QUEUED),
        platform_failures=failures,
        not_before=tx.now + BACK_OFF * 2**doubling,
        lease_until=None,
        phase=None,
        why=why,
    )
    if not held:
        return None
    _end_run(tx, claim, "platform-fault")
    now = entry(tx, claim.id)
    tx.note(claim.id, now.state, epoch=claim.epoch, why=why)
    return now


def cancel(tx: Transaction, submission: str, why: str) -> bool:
    """Give up what is not finished, uncounted; a worker that runs it loses its lease."""
    open_states = (State.QUEUED, State.RUNNING, State.HELD)
    epoch = tx.connection.execute(
        submissions.update()
        .where(s.id == submission, s.state.in_(open_states))
        .values(
            state=State.CANCELLED,
            finished_at=tx.now,
            lease_until=None,
            phase=None,
            counted=False,
            why=why,
        )
        .returning(s.epoch)
    ).scalar_one_or_none()
    if epoch is None:
        return False
    _end_run(tx, Claim(id=submission, epoch=epoch), State.CANCELLED)
    tx.note(submission, State.CANCELLED, epoch=epoch, why=why)
    return True


def lost(tx: Transaction, host: str, is_alive: Callable[[Worker], bool]) -> list[tuple[Entry, str]]:
    """Return what runs without a worker, and why one thinks so."""
    found = []
    running = entries(tx, s.state == State.RUNNING)
    for row, worker in [(each, each.worker) for each in running if each.worker]:
        silent = row.lease_until is not None and row.lease_until < tx.now
        if worker.host == host and not is_alive(worker):
            found.append((row, f"its process (pid {worker.pid}) was killed or died"))
        elif worker.host != host and silent:
            found.append((row, f"worker {worker.name!r} on {worker.host} went silent"))
    return found


def recover(tx: Transaction, row: Entry, why: str) -> Recovered | None:
    """Give a lost submission back, unless its worker was heard of since it was read."""
    unheard = entry(tx, row.id).lease_until == row.lease_until
    during = f" during {row.phase!r}" if row.phase else ""
    claim = Claim(id=row.id, epoch=row.epoch)
    given_back = give_back(tx, claim, why + during) if unheard else None
    return Recovered(entry=given_back, phase=row.phase, why=given_back.why) if given_back else None


def _final(result: Result) -> State:
    state = State(result.status)
    if state not in FINISHED or (state is State.GRADED) != (result.verdict is not None):
        msg = f"a submission cannot finish as {state.value!r} with verdict {result.verdict}"
        raise ValueError(msg)
    return state


def _rank(rank: Estimate | None) -> dict[str, object]:
    if rank is None:
        return {}
    return {
        "rank_value": rank.value,
        "rank_direction": rank.direction,
        "rank_estimate": _as_json(rank),
    }


def _while_held(tx: Transaction, claim: Claim, **values: object) -> bool:
    fenced = submissions.update().where(
        s.id == claim.id, s.state == State.RUNNING, s.epoch == claim.epoch
    )
    return tx.connection.execute(fenced.values(**values)).rowcount == 1


def _end_run(tx: Transaction, claim: Claim, outcome: str) -> None:
    r = runs.c
    this = runs.update().where(
        r.submission_id == claim.id, r.epoch == claim.epoch, r.ended.is_(None)
    )
    tx.connection.execute(this.values(ended=tx.now, outcome=outcome))


def _as_json(record: Estimate | Result) -> str:
    # Not model_dump_json: it would turn an infinite bound into null.
    return json.dumps(record.model_dump(mode="json"))
