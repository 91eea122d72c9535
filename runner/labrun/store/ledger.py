"""The ledger: every submission, what became of it and what it cost."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from labrun.domain.grade import Estimate
from labrun.domain.lab import Attempts, Lab
from labrun.domain.leaderboard import Board, Shown
from labrun.domain.result import Result
from labrun.store import (
    attempts,
    ledger_board,
    ledger_history,
    ledger_intake,
    ledger_runs,
    ledger_shown,
    outbox,
)
from labrun.store.closing import Closing
from labrun.store.ledger_database import Clock, Database
from labrun.store.ledger_records import (
    Chances,
    Claim,
    Delivery,
    Entry,
    Event,
    Kind,
    NewSubmission,
    Recovered,
    Worker,
)
from labrun.store.ledger_schema import bring_up_to_date
from labrun.store.regrades import Regrades


class Ledger:
    """One method, one transaction; every method may be called from any thread.

    All raise `StoreError` where the file cannot be read or written.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, path: Path, *, clock: Clock) -> Self:
        """Open, create or upgrade the ledger at ``path``; ``clock`` gives aware times."""
        bring_up_to_date(path)
        return cls(Database(path, clock=clock))

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def submit(self, new: NewSubmission, rules: Attempts) -> Entry:
        """Return the row that stands for ``new``.

        That is a new queued row; or, where it exists, the row with this id, the official one
        already graded with the same bytes, or the one still queued with the same bytes. What is
        queued with other bytes gives way and is cancelled. Raises `RefusedError` where the rules
        leave no attempt or an official submission is running.
        """
        with self._database.write() as tx:
            return ledger_intake.submit(tx, new, rules)

    def earlier(self, new: NewSubmission) -> Result | None:
        """Return the result that the same bytes, on the same lab and data, have already had."""
        with self._database.read() as tx:
            found = ledger_intake.earlier(tx, new)
            return ledger_history.result(tx, found.id) if found else None

    def chances(
        self, learner: str, lab: str, *, rules: Attempts, kind: Kind = Kind.PRACTICE
    ) -> Chances:
        """Return how many attempts are used and left, and when the next one opens."""
        with self._database.read() as tx:
            return attempts.chances(tx, learner, lab, kind=kind, rules=rules)

    def claim(self, submission: str, worker: Worker) -> Claim | None:
        """Start a run under a lease; None if the submission is not waiting."""
        with self._database.write() as tx:
            return ledger_runs.claim(tx, submission, worker)

    def beat(self, claim: Claim) -> bool:
        """Renew the lease; False if it is lost, and the run must stop."""
        with self._database.write() as tx:
            return ledger_runs.beat(tx, claim)

    def enter_phase(self, claim: Claim, name: str) -> bool:
        """Say what is running now; False if the lease is lost."""
        with self._database.write() as tx:
            return ledger_runs.enter_phase(tx, claim, name)

    def finish(
        self,
        claim: Claim,
        result: Result,
        *,
        rank: Estimate | None = None,
        evidence: str | None = None,
        shown: Iterable[Shown] = (),
    ) -> bool:
        """Keep a result for good, with its event and its place in the outbox.

        ``rank`` is what the leaderboard compares, ``evidence`` where the evidence is kept,
        ``shown`` what the learner is now shown of checks whose values move by clear steps only.
        Return False, and keep nothing, if the lease is lost.
        """
        with self._database.write() as tx:
            return ledger_runs.finish(tx, claim, result, rank=rank, evidence=evidence, shown=shown)

    def shown(
        self, learner: str, lab: str, *, kind: Kind = Kind.PRACTICE, official: bool = True
    ) -> dict[str, Shown]:
        """Return what a learner has been shown so far of checks on a ladder, by check."""
        with self._database.read() as tx:
            return ledger_shown.shown_to(tx, learner, lab, kind=kind, official=official)

    def give_back(self, claim: Claim, why: str) -> Entry | None:
        """Return a submission to the queue after a platform fault, or hold it after five.

        Return None if the lease is lost.
        """
        with self._database.write() as tx:
            return ledger_runs.give_back(tx, claim, why)

    def cancel(self, submission: str, why: str) -> bool:
        """Give up what is queued, running or held; False if it is over already."""
        with self._database.write() as tx:
            return ledger_runs.cancel(tx, submission, why)

    def recover(self, host: str, is_alive: Callable[[Worker], bool]) -> tuple[Recovered, ...]:
        """Give back what runs without a worker; ``is_alive`` is asked about workers on ``host``.

        A worker elsewhere is lost when its lease has ended.
        """
        with self._database.read() as tx:
            lost = ledger_runs.lost(tx, host, is_alive)
        if not lost:
            return ()
        with self._database.write() as tx:
            recovered = [ledger_runs.recover(tx, row, why) for row, why in lost]
        return tuple(each for each in recovered if each)

    def history(self, learner: str, lab: str | None = None) -> tuple[Entry, ...]:
        """Return what a learner handed in, newest first."""
        with self._database.read() as tx:
            return ledger_history.history(tx, learner, lab)

    def handed_in(self, lab: str) -> tuple[Entry, ...]:
        """Return what anybody handed in for a lab, newest first."""
        with self._database.read() as tx:
            return ledger_history.handed_in(tx, lab)

    def unfinished(self) -> tuple[Entry, ...]:
        """Return what waits, runs or is held, newest first."""
        with self._database.read() as tx:
            return ledger_history.unfinished(tx)

    def find(self, text: str) -> Entry:
        """Return the one submission whose id begins or ends with ``text``, or raise `UserError`."""
        with self._database.read() as tx:
            return ledger_history.find(tx, text)

    def result(self, submission: str) -> Result:
        """Return the result of a whole id; raise `UserError` if there is none yet."""
        with self._database.read() as tx:
            return ledger_history.result(tx, submission)

    def events(self, submission: str) -> tuple[Event, ...]:
        """Return what happened to one submission, in order."""
        with self._database.read() as tx:
            return ledger_history.happenings(tx, submission)

    def board(self, lab: Lab, *, kind: Kind = Kind.PRACTICE) -> Board:
        """Return the leaderboard of a lab: best of each learner, ties to the earliest."""
        with self._database.read() as tx:
            return ledger_board.board(tx, lab, kind=kind)

    def tell_tiers(self, lab: str, tiers: Mapping[str, int], *, kind: Kind = Kind.PRACTICE) -> None:
        """Keep which official submissions of a leaderboard cannot be told apart."""
        with self._database.write() as tx:
            ledger_board.tell_tiers(tx, lab, kind, tiers)

    def evidence_of(self, submissions: Sequence[str]) -> dict[str, str]:
        """Return where the evidence of submissions is kept, by whole id."""
        with self._database.read() as tx:
            return ledger_board.evidence_of(tx, submissions)

    @property
    def closing(self) -> Closing:
        """Return what is known of the close of labs."""
        return Closing(self._database)

    def pending(self) -> tuple[Delivery, ...]:
        """Return the grades that the tracker has yet to take, oldest first."""
        with self._database.read() as tx:
            return outbox.pending(tx)

    def delivery(self, submission: str) -> Delivery | None:
        """Return how far one grade has come on its way to the tracker."""
        with self._database.read() as tx:
            return outbox.delivery(tx, submission)

    def recorded(self, submission: str, run_url: str, *, number: int = 1) -> None:
        """Note that the tracker has the grade; ``number`` is the `Delivery`'s."""
        with self._database.write() as tx:
            outbox.recorded(tx, submission, run_url, number=number)

    def record_failed(self, submission: str, error: str, *, number: int = 1) -> None:
        """Note why the tracker did not take the grade; it stays pending."""
        with self._database.write() as tx:
            outbox.record_failed(tx, submission, error, number=number)

    @property
    def regrades(self) -> Regrades:
        """Return what is known of regrades."""
        return Regrades(self._database)

    def kept_digests(self) -> frozenset[str]:
        """Return every digest that `EvidenceStore.prune` must keep."""
        with self._database.read() as tx:
            return ledger_history.kept_digests(tx)
