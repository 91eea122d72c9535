"""What the ledger knows of regrades; see `Ledger.regrades`."""

from collections.abc import Sequence

import sqlalchemy as sa

from labrun.domain.regrade import Proposal
from labrun.domain.result import Result
from labrun.errors import UserError
from labrun.store import ledger_publish, ledger_regrades
from labrun.store.ledger_database import Database
from labrun.store.ledger_publish import LabNow
from labrun.store.ledger_records import Claim, Earlier, Entry, Worker
from labrun.store.ledger_regrades import Current, IsAlive, Judged, NewRegrade
from labrun.store.ledger_rows import entry
from labrun.store.tables import superseded

e = superseded.c


class Regrades:
    """One method, one transaction; every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def candidates(self, lab: str) -> tuple[Entry, ...]:
        """Return what of a lab can be regraded, newest first."""
        with self._database.read() as tx:
            return ledger_regrades.candidates(tx, lab)

    def current(self, submission: str) -> Current:
        """Return the result of a submission that counts now."""
        with self._database.read() as tx:
            return ledger_regrades.current(tx, entry(tx, submission))

    def begin(
        self, new: NewRegrade, chosen: Sequence[Entry], worker: Worker, is_alive: IsAlive
    ) -> Claim:
        """Start a regrade, or go on with the same one where it was interrupted.

        ``is_alive`` is asked about workers on this host. Raises `RefusedError` while another
        process works on the same.
        """
        with self._database.write() as tx:
            return ledger_regrades.begin(tx, new, chosen, worker, is_alive)

    def beat(self, claim: Claim) -> bool:
        """Renew the lease; False if it is lost, and the work must stop."""
        with self._database.write() as tx:
            return ledger_regrades.beat(tx, claim)

    def waiting(self, claim: Claim) -> tuple[str, ...]:
        """Return the submissions still to be regraded, oldest first."""
        with self._database.read() as tx:
            return ledger_regrades.waiting(tx, claim)

    def keep(self, claim: Claim, judged: Judged) -> bool:
        """Keep what became of one submission; False, and nothing kept, if the lease is lost."""
        with self._database.write() as tx:
            return ledger_regrades.keep(tx, claim, judged)

    def end(self, claim: Claim) -> None:
        """Let go of a regrade: proposed if every submission was regraded, open to go on if not."""
        with self._database.write() as tx:
            ledger_regrades.end(tx, claim)

    def find(self, lab: str, text: str) -> Proposal:
        """Return the regrade whose id begins or ends with ``text``, or raise `UserError`."""
        with self._database.read() as tx:
            return ledger_regrades.find(tx, lab, text)

    def judged(self, regrade: str) -> tuple[Judged, ...]:
        """Return what was worked out so far, oldest submission first."""
        with self._database.read() as tx:
            return ledger_regrades.items(tx, regrade)

    def refuse_stale(self, proposal: Proposal, now: LabNow) -> None:
        """Raise `RefusedError` where `publish` would."""
        with self._database.read() as tx:
            ledger_publish.refuse_stale(tx, proposal, now)

    def publish(self, lab: str, regrade: str, now: LabNow, *, reason: str) -> Proposal:
        """Replace each result that rises; raise `RefusedError` where anything has changed."""
        with self._database.write() as tx:
            found = ledger_regrades.find(tx, lab, regrade)
            return ledger_publish.publish(tx, found, now, reason=reason)

    def earlier(self, submissions: Sequence[str]) -> tuple[Earlier, ...]:
        """Return the results that were replaced, the latest first within a submission."""
        columns = [e[name] for name in Earlier.model_fields if name in e]
        named = (e.submission_id.label("submission"), e.regrade_id.label("regrade"))
        query = sa.select(*columns, *named).where(e.submission_id.in_(submissions))
        with self._database.read() as tx:
            rows = tx.connection.execute(query.order_by(e.submission_id, e.number.desc()))
            return tuple(Earlier.model_validate(dict(row)) for row in rows.mappings())

    def result(self, submission: str, number: int) -> tuple[Result, str | None]:
        """Return one result of a submission, counting or replaced, and where its evidence is."""
        with self._database.read() as tx:
            if number == ledger_regrades.number_of(tx, submission):
                return ledger_regrades.result_now(tx, submission), entry(tx, submission).evidence
            where = sa.and_(e.submission_id == submission, e.number == number)
            row = tx.connection.execute(sa.select(e.result, e.evidence).where(where)).one_or_none()
        if row is None:
            msg = f"submission {submission[-6:]} has no result number {number}"
            raise UserError(msg, help=f"see: labrun history; labrun status {submission[-6:]}")
        return Result.model_validate_json(row.result), row.evidence
