"""Regrade a lab: work out who would get another grade, and publish that in an act of its own."""

import contextlib
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from labrun import __version__
from labrun.app.bench import Bench, set_up
from labrun.app.climb import Climb
from labrun.app.heartbeat import heartbeat
from labrun.app.progress import Progress, Silence
from labrun.app.recover import is_alive, open_ledger, recover, this_worker
from labrun.app.regrading import rerun, rescored
from labrun.app.settings import Settings
from labrun.app.submit import guard
from labrun.app.unsealed import learners_tables
from labrun.domain.record import Record
from labrun.domain.regrade import Proposal
from labrun.domain.result import How
from labrun.errors import RefusedError, UserError
from labrun.store.evidence import EvidenceStore
from labrun.store.labs import lab_digest, read_lab
from labrun.store.ledger import Ledger
from labrun.store.ledger_ids import new_id
from labrun.store.ledger_publish import LabNow
from labrun.store.ledger_records import SHORT, Claim, Entry
from labrun.store.ledger_regrades import Current, Judged, NewRegrade

NO_ENGINE = "process"  # opened and never used: judging stored evidence needs no sandbox


class Order(Record):
    """What to regrade: ``lab`` is the lab's folder, ``only`` learners or ids, all if empty."""

    lab: Path
    how: How
    only: tuple[str, ...] = ()
    jobs: int = 1


def propose(order: Order, settings: Settings, progress: Progress) -> Proposal | None:
    """Work a regrade out, and publish nothing; None if nothing has been graded yet.

    One that was interrupted goes on where it stopped. Raises `UserError` where ``only`` names
    nobody, `RefusedError` while another command works on the same.
    """
    with open_ledger(settings) as ledger:
        recover(ledger, settings, progress.say)
        slug = read_lab(order.lab).slug
        graded = ledger.regrades.candidates(slug)
        chosen = _chosen(graded, order.only)
        _tell_unfinished(ledger, slug, progress)
        if not chosen:
            return None
        bench = _bench(order, settings, progress)
        claim = ledger.regrades.begin(_new(order, bench), chosen, this_worker(), is_alive)
        with contextlib.ExitStack() as stack:
            stack.callback(ledger.regrades.end, claim)
            if order.how is How.RERUN:
                stack.enter_context(guard(settings))
            held = stack.enter_context(heartbeat(lambda: ledger.regrades.beat(claim)))
            climb = _climb(bench, graded, ledger, settings, claim)
            _Work(order, bench, ledger, climb, progress, claim, held).to_the_end()
        return ledger.regrades.find(slug, claim.id)


def proposal(lab: Path, regrade: str, settings: Settings, progress: Progress) -> Proposal:
    """Return a proposal that could be published now, or raise as `publish` would."""
    slug = read_lab(lab).slug
    with open_ledger(settings) as ledger:
        found = ledger.regrades.find(slug, regrade)
        ledger.regrades.refuse_stale(found, _now(lab, settings, progress))
        return found


def publish(
    lab: Path, regrade: str, settings: Settings, progress: Progress, *, reason: str
) -> Proposal:
    """Let what rises count, for ``reason``, which learners are told; nothing is ever lowered.

    Earlier results are kept, attempts are not touched, and the tracker hears of it through the
    outbox. Raises `RefusedError` where the lab, its data or the submissions changed meanwhile.
    """
    if not reason.strip() or not reason.isprintable():
        msg = f"the reason {reason!r} says nothing, or holds what cannot be shown"
        raise UserError(
            msg, help="say in a line what was wrong: --reason 'two labels were swapped'"
        )
    slug = read_lab(lab).slug
    with open_ledger(settings) as ledger:
        now = _now(lab, settings, progress)
        return ledger.regrades.publish(slug, regrade, now, reason=reason.strip())


@dataclass(frozen=True)
class _Work:
    """A regrade under way, under a lease."""

    order: Order
    bench: Bench
    ledger: Ledger
    climb: Climb
    progress: Progress
    claim: Claim
    held: Callable[[], bool]

    def to_the_end(self) -> None:
        """Regrade what waits, several learners at a time, and keep each as soon as it is known."""
        waiting = self.ledger.regrades.waiting(self.claim)
        by_learner: dict[str, list[Current]] = {}
        for each in waiting:
            current = self.ledger.regrades.current(each)
            by_learner.setdefault(current.entry.learner, []).append(current)
        heard = itertools.count(1)

        def told(judged: Judged) -> None:
            item = judged.item
            said = f"{item.learner}  {item.submission[-SHORT:]}  {item.change}"
            self.progress.say(f"[{next(heard)}/{len(waiting)}] {said}")

        with ThreadPoolExecutor(max_workers=self.order.jobs) as pool:
            running = [pool.submit(self._each, mine, told) for mine in by_learner.values()]
            try:
                for future in running:
                    future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _each(self, mine: Sequence[Current], told: Callable[[Judged], None]) -> None:
        for current in sorted(mine, key=lambda each: (each.entry.queued_at, each.entry.id)):
            if not self.held():
                raise self._lost()
            judged = self._one(current)
            if not self.ledger.regrades.keep(self.claim, judged):
                raise self._lost()
            told(judged)

    def _one(self, current: Current) -> Judged:
        if self.order.how is How.RESCORE:
            return rescored(self.bench, current, self.climb)
        quiet = self.progress if self.order.jobs == 1 else Silence()
        return rerun(self.bench, current, self.climb, quiet, regrade=self.claim.id)

    def _lost(self) -> RefusedError:
        msg = f"regrade {self.claim.id[-SHORT:]} was taken over by another command"
        return RefusedError(msg, help="wait for that one to end")


def _climb(
    bench: Bench, graded: Sequence[Entry], ledger: Ledger, settings: Settings, claim: Claim
) -> Climb:
    judged = ledger.regrades.judged(claim.id)
    regathered = {each.item.submission: each.evidence for each in judged if each.evidence}
    return Climb(bench, EvidenceStore(settings.evidence), graded, regathered)


def _bench(order: Order, settings: Settings, progress: Progress) -> Bench:
    if order.how is How.RESCORE:
        settings = settings.model_copy(update={"sandbox": NO_ENGINE})
    return set_up(order.lab, split="hidden", settings=settings, progress=progress)


def _new(order: Order, bench: Bench) -> NewRegrade:
    return NewRegrade(
        id=new_id(datetime.now(UTC)),
        lab=bench.lab.slug,
        how=order.how,
        only=tuple(sorted(set(order.only))),
        lab_version=bench.lab.version,
        lab_digest=bench.digest,
        data_digest=bench.data.digest if bench.data else None,
        grader=__version__,
    )


def _now(lab: Path, settings: Settings, progress: Progress) -> LabNow:
    read = read_lab(lab)
    data = learners_tables(lab, read, settings, progress)
    return LabNow(
        version=read.version,
        digest=lab_digest(lab),
        data_digest=data.digest if data else None,
    )


def _chosen(entries: Sequence[Entry], only: Sequence[str]) -> list[Entry]:
    """Return the entries of these learners and ids; a name that fits none is a `UserError`."""
    if not only:
        return list(entries)
    chosen: dict[str, Entry] = {}
    for name in only:
        wanted = name.strip().lower()
        found = [each for each in entries if each.learner == name]
        found = found or [each for each in entries if each.id.endswith(wanted) and wanted]
        if not found:
            msg = f"nobody called {name!r} was graded on this lab, and no submission"
            known = sorted({each.learner for each in entries})
            raise UserError(msg, help=f"graded: {', '.join(known[:10]) or 'nobody'}")
        chosen |= {each.id: each for each in found}
    return list(chosen.values())


def _tell_unfinished(ledger: Ledger, lab: str, progress: Progress) -> None:
    for entry in ledger.unfinished():
        if entry.lab == lab:
            state = f"submission {entry.short} of {entry.learner} is {entry.state}"
            progress.say(f"{state}: it has no grade yet and is not part of this")
