"""Close a lab: what is handed in counts no more, and of each learner one submission does.

See `Ledger.closing`.
"""

import json
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from labrun.domain.leaderboard import Final
from labrun.domain.result import Result
from labrun.errors import RefusedError, UserError
from labrun.store.ledger_board import height_of
from labrun.store.ledger_database import Database, Transaction
from labrun.store.ledger_records import Entry, Kind, State
from labrun.store.ledger_rows import entries, entry
from labrun.store.tables import choices, closings, finals, submissions

OPEN = (State.QUEUED, State.RUNNING, State.HELD)
s, cl, ch, f = submissions.c, closings.c, choices.c, finals.c


class Closing:
    """One method, one transaction; every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def closed(self, lab: str, *, kind: Kind = Kind.PRACTICE) -> datetime | None:
        """Return when a lab was closed; None while it is open."""
        with self._database.read() as tx:
            return closed_at(tx, lab, kind)

    def close(self, lab: str, *, kind: Kind = Kind.PRACTICE) -> datetime:
        """Refuse whatever is handed in from now on, and return since when.

        Raises `RefusedError` while something still waits or runs, which would else come too late.
        """
        with self._database.write() as tx:
            if (at := closed_at(tx, lab, kind)) is not None:
                return at
            waiting = entries(tx, s.lab == lab, s.kind == kind, s.official, s.state.in_(OPEN))
            if waiting:
                named = ", ".join(f"{each.short} of {each.learner}" for each in waiting[:5])
                msg = f"lab {lab!r} cannot be closed yet: {len(waiting)} unfinished ({named})"
                raise RefusedError(msg, help="see them with: labrun status")
            tx.connection.execute(closings.insert().values(lab=lab, kind=kind, at=tx.now))
            return tx.now

    def choose(self, submission: str) -> Entry:
        """Let this submission count for its learner when the lab is closed.

        Raises `RefusedError` where it cannot count: not graded, not official, or closed already.
        """
        with self._database.write() as tx:
            row = entry(tx, submission)
            refuse_if_closed(tx, row.lab, row.kind)
            if row.state is not State.GRADED or not row.official:
                what = row.state if row.official else "unofficial"
                msg = f"submission {row.short} is {what}: it cannot be the one that counts"
                raise RefusedError(msg, help=f"see yours with: labrun history {row.lab}")
            mine = (ch.lab == row.lab, ch.kind == row.kind, ch.learner == row.learner)
            tx.connection.execute(choices.delete().where(*mine))
            whose = {"lab": row.lab, "kind": row.kind, "learner": row.learner}
            tx.connection.execute(choices.insert().values(**whose, submission_id=row.id, at=tx.now))
            tx.note(row.id, "chosen")
            return row

    def counting(self, lab: str, *, kind: Kind = Kind.PRACTICE) -> tuple[Entry, ...]:
        """Return of each learner the submission that counts: the one chosen, else the last."""
        with self._database.read() as tx:
            graded = entries(tx, s.lab == lab, s.kind == kind, s.official, s.state == State.GRADED)
            chosen = set(
                tx.connection.execute(
                    sa.select(ch.submission_id).where(ch.lab == lab, ch.kind == kind)
                ).scalars()
            )
        counts: dict[str, Entry] = {}
        for row in graded:  # newest first
            if row.learner not in counts or row.id in chosen:
                counts[row.learner] = row
        return tuple(counts[name] for name in sorted(counts))

    def settle(self, lab: str, found: Iterable[Final], *, kind: Kind = Kind.PRACTICE) -> None:
        """Keep what counts of every learner, all at once; a second time is a `RefusedError`."""
        with self._database.write() as tx:
            if tx.connection.execute(
                sa.select(f.learner).where(f.lab == lab, f.kind == kind).limit(1)
            ).first():
                msg = f"lab {lab!r} was graded finally before"
                raise RefusedError(msg, help=f"see: labrun leaderboard {lab}")
            for each in found:
                tx.connection.execute(finals.insert().values(_row(each, lab, kind, tx)))
                tx.note(each.submission, "counts")

    def settled(self, lab: str, *, kind: Kind = Kind.PRACTICE) -> bool:
        """Return whether what counts of every learner is known."""
        with self._database.read() as tx:
            found = sa.select(f.learner).where(f.lab == lab, f.kind == kind).limit(1)
            return tx.connection.execute(found).first() is not None

    def result(self, submission: str) -> Result | None:
        """Return the final result of a submission that counts; None where there is none."""
        with self._database.read() as tx:
            query = sa.select(f.result).where(f.submission_id == submission)
            body = tx.connection.execute(query).scalar_one_or_none()
        return Result.model_validate_json(body) if body else None


def closed_at(tx: Transaction, lab: str, kind: str) -> datetime | None:
    """Return when a lab was closed; None while it is open."""
    query = sa.select(cl.at).where(cl.lab == lab, cl.kind == kind)
    return tx.connection.execute(query).scalar_one_or_none()


def refuse_if_closed(tx: Transaction, lab: str, kind: str) -> None:
    """Raise `RefusedError` where a lab takes no more submissions."""
    if (at := closed_at(tx, lab, kind)) is not None:
        msg = f"lab {lab!r} was closed at {at:%Y-%m-%d %H:%M} UTC"
        raise RefusedError(msg, help=f"see what counts: labrun leaderboard {lab}")


def refuse_unknown(slug: str, share: float | None) -> None:
    """Raise `UserError` for a lab that keeps no rows for the end."""
    if share is None:
        msg = f"lab {slug!r} keeps no hidden rows for the end, so there is nothing to close"
        raise UserError(msg, help="it would say `grading: {feedback: 0.4}` in lab.yaml")


def _row(each: Final, lab: str, kind: Kind, tx: Transaction) -> dict[str, object]:
    if each.result.verdict is None or each.result.score is None:
        msg = f"a final result needs a verdict, and submission {each.submission} has none"
        raise ValueError(msg)
    rank = each.rank
    return {
        "lab": lab,
        "kind": kind,
        "learner": each.learner,
        "submission_id": each.submission,
        "at": tx.now,
        "verdict": each.result.verdict,
        "score": each.result.score,
        "height": height_of(rank) if rank else each.result.score,
        "estimate": json.dumps(rank.model_dump(mode="json")) if rank else None,
        "received": each.received,
        "submissions": each.submissions,
        "tier": each.tier,
        "result": json.dumps(each.result.model_dump(mode="json")),
    }
