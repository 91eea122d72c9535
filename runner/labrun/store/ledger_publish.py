"""Publish a regrade: what rises replaces what was published, which is kept for good.

One transaction does all of it. ``grades`` holds the result that counts; each result it held before
is a row of ``superseded``, which nothing can change or delete.
"""

import sqlalchemy as sa

from labrun.domain.grade import Estimate
from labrun.domain.leaderboard import Shown
from labrun.domain.record import Record
from labrun.domain.regrade import Change, Item, Marks, Proposal, falls, result_name
from labrun.domain.result import RegradeInfo, Result
from labrun.errors import RefusedError, StoreError
from labrun.store import ledger_board, ledger_regrades, outbox
from labrun.store.ledger_board import height_of
from labrun.store.ledger_database import Transaction
from labrun.store.ledger_records import SHORT, Entry, State
from labrun.store.ledger_regrades import PROPOSED, PUBLISHED, REPLACED, Judged, as_json
from labrun.store.ledger_rows import entry
from labrun.store.ledger_shown import keep_shown, shown_to
from labrun.store.tables import finals, grades, regrades, submissions, superseded

MOST_NAMED = 5
f, g, s = finals.c, grades.c, submissions.c


class LabNow(Record):
    """The lab and the data as they are when a regrade is published."""

    version: str
    digest: str
    data_digest: str | None


def publish(tx: Transaction, proposal: Proposal, now: LabNow, *, reason: str) -> Proposal:
    """Replace each result that rises, and leave every other as it is.

    Raises `RefusedError` where the proposal is not whole, or was published or replaced; or where
    the lab, its data or the submissions are no longer what it was worked out from.
    """
    refuse_stale(tx, proposal, now)
    for judged in ledger_regrades.items(tx, proposal.id):
        if judged.item.change is Change.RISES:
            _replace(tx, judged, proposal, reason)
    this = regrades.update().where(regrades.c.id == proposal.id)
    tx.connection.execute(this.values(state=PUBLISHED, published=tx.now, reason=reason))
    return ledger_regrades.find(tx, proposal.lab, proposal.id)


def refuse_stale(tx: Transaction, proposal: Proposal, now: LabNow) -> None:
    """Raise `RefusedError` unless `publish` may go on; see there."""
    again = f"work it out again: labrun regrade {proposal.lab} --{proposal.how}"
    if proposal.state != PROPOSED or proposal.waiting:
        _refuse_state(proposal, again)
    if (proposal.lab_digest, proposal.data_digest) != (now.digest, now.data_digest):
        what = "the lab" if proposal.lab_digest != now.digest else "the lab's data"
        msg = f"{what} changed since regrade {proposal.short} was worked out"
        raise RefusedError(msg, help=again)
    moved = [item for item in proposal.items if _moved(tx, item)]
    if moved:
        msg = f"{_named(moved)} got another result since regrade {proposal.short} was worked out"
        raise RefusedError(msg, help=again)
    if not proposal.only and (missing := _missing(tx, proposal)):
        named = ", ".join(each[-SHORT:] for each in missing[:MOST_NAMED])
        msg = f"{named} were graded with another state of the lab since regrade {proposal.short}"
        raise RefusedError(msg, help=again)


def _refuse_state(proposal: Proposal, again: str) -> None:
    left = proposal.waiting + len(proposal.having(Change.FAILED))
    msg = {
        PUBLISHED: f"regrade {proposal.short} was published before",
        REPLACED: f"regrade {proposal.short} was replaced by a later one",
    }.get(
        proposal.state,
        f"regrade {proposal.short} is not finished: {left} submissions are still to be regraded",
    )
    raise RefusedError(msg, help=again)


def _moved(tx: Transaction, item: Item) -> bool:
    return ledger_regrades.number_of(tx, item.submission) != item.number


def _named(items: list[Item]) -> str:
    names = [f"{item.submission[-SHORT:]} of {item.learner}" for item in items[:MOST_NAMED]]
    more = ", …" if len(items) > MOST_NAMED else ""
    return f"{', '.join(names)}{more}"


def _missing(tx: Transaction, proposal: Proposal) -> list[str]:
    """Return what was graded with another state of the lab and is not in the proposal."""
    covered = {item.submission for item in proposal.items}
    return [
        each.id
        for each in ledger_regrades.candidates(tx, proposal.lab)
        if each.id not in covered and each.lab_digest != proposal.lab_digest
    ]


def _replace(tx: Transaction, judged: Judged, proposal: Proposal, reason: str) -> None:
    item, kept = judged.item, judged.item.kept
    if judged.result is None or kept is None:
        msg = f"regrade {proposal.short} lacks its result of submission {item.submission}"
        raise StoreError(msg, help="restore the ledger from a backup, or work the regrade out anew")
    before = entry(tx, item.submission)
    _set_aside(tx, item, proposal.id, before.state)
    result = as_json(_published(judged.result, item, proposal, tx, reason))
    if ledger_regrades.final_row(tx, item.submission):
        _settle(tx, item.submission, kept, judged.evidence, result)
    else:
        _regrade(tx, before, item, kept, judged.evidence, result)
    outbox.post(tx, item.submission, number=item.number + 1)
    tx.note(
        item.submission,
        "regraded",
        regrade=proposal.short,
        reason=reason,
        was=_in_words(item.before.verdict, item.before.score),
        now=_in_words(kept.verdict, kept.score),
    )


def _regrade(
    tx: Transaction, before: Entry, item: Item, kept: Marks, evidence: str | None, result: str
) -> None:
    """Let the new grade stand in the place of the earlier one, on leaderboards too."""
    new = {
        "at": tx.now,
        "verdict": kept.verdict,
        "score": kept.score,
        "rank_value": kept.rank.value if kept.rank else None,
        "rank_direction": kept.rank.direction if kept.rank else None,
        "rank_estimate": as_json(kept.rank) if kept.rank else None,
        "evidence": evidence or before.evidence,
        "result": result,
    }
    tx.connection.execute(grades.update().where(g.submission_id == before.id).values(**new))
    tx.connection.execute(
        submissions.update()
        .where(s.id == before.id, s.state == State.SYSTEM_ERROR)
        .values(state=State.GRADED, why="")
    )
    keep_shown(tx, before, _climbed(tx, before, item))
    ledger_board.refresh(tx, before.lab, before.kind, before.learner, official=before.official)


def _settle(
    tx: Transaction, submission: str, kept: Marks, evidence: str | None, result: str
) -> None:
    """Let the new grade be what counts of a closed lab; who shares a tier is not known any more."""
    new = {
        "at": tx.now,
        "verdict": kept.verdict,
        "score": kept.score,
        "height": height_of(kept.rank) if kept.rank else kept.score,
        "estimate": as_json(kept.rank) if kept.rank else None,
        "tier": None,
        "result": result,
    }
    tx.connection.execute(finals.update().where(f.submission_id == submission).values(**new))
    if evidence:
        tx.connection.execute(
            grades.update().where(g.submission_id == submission).values(evidence=evidence)
        )


def _climbed(tx: Transaction, before: Entry, item: Item) -> list[Shown]:
    """Return what is clearly more than the learner was shown so far, of this submission."""
    known = shown_to(tx, before.learner, before.lab, kind=before.kind, official=before.official)
    return [
        each
        for each in item.shown
        if each.submission == item.submission and _is_more(each.estimate, known.get(each.check))
    ]


def _is_more(found: Estimate, known: Shown | None) -> bool:
    if known is None or known.estimate.metric != found.metric:
        return True
    height, before = height_of(found), height_of(known.estimate)
    return height is not None and (before is None or height > before)


def _set_aside(tx: Transaction, item: Item, regrade: str, state: State) -> None:
    old = tx.connection.execute(sa.select(grades).where(g.submission_id == item.submission)).one()
    final = ledger_regrades.final_row(tx, item.submission)
    counted = final or old
    tx.connection.execute(
        superseded.insert().values(
            submission_id=item.submission,
            number=item.number,
            regrade_id=regrade,
            at=counted.at,
            superseded_at=tx.now,
            state=state,
            verdict=counted.verdict,
            score=counted.score,
            rank_estimate=final.estimate if final else old.rank_estimate,
            evidence=old.evidence,
            result=counted.result,
        )
    )


def _published(
    result: Result, item: Item, proposal: Proposal, tx: Transaction, reason: str
) -> Result:
    """Return the result as it counts: no part of it below what was published before."""
    kept, after = item.kept or item.before, item.after or item.before
    passed = kept.verdict == "passed"
    return result.model_copy(
        update={
            "verdict": kept.verdict,
            "score": kept.score,
            "failed_gates": () if passed else result.failed_gates,
            "supersedes": result_name(item.submission, item.number),
            "regrade": RegradeInfo(
                id=proposal.id,
                number=item.number + 1,
                how=proposal.how,
                reason=reason,
                at=tx.now,
                earlier_verdict=item.before.verdict,
                earlier_score=item.before.score,
                kept=falls(item.before, after),
            ),
        }
    )


def _in_words(verdict: str | None, score: float | None) -> str:
    return "no verdict" if verdict is None or score is None else f"{verdict}, {score:g}"
