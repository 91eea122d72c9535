"""Rank learners by their best graded submission.

The best of each is kept as grades come in (`refresh`), so that a leaderboard reads one row a
learner however much has been graded.
"""

import contextlib
import functools
import gc
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import TypeAdapter

from labrun.domain.grade import Estimate
from labrun.domain.lab import Lab
from labrun.domain.leaderboard import Board, Standing
from labrun.domain.result import Part
from labrun.store.ledger_database import Transaction
from labrun.store.ledger_records import LOWER, Kind
from labrun.store.tables import finals, grades, standings

RankedBy = Literal["score", "estimate"]
WAYS: tuple[RankedBy, ...] = ("score", "estimate")
SHOWN = ("learner", "verdict", "score", "received", "submissions", "tier")
g, st = grades.c, standings.c


def board(tx: Transaction, lab: Lab, *, kind: Kind) -> Board:
    """Return the leaderboard: by the lab's metric if it names one, else by score.

    Once the lab is closed, by what counts of each learner.
    """
    by: RankedBy = "estimate" if lab.leaderboard is not None else "score"
    part: Part = "feedback" if lab.grading.feedback else "all"
    official = _standings(tx.connection.execute(_final(lab.slug, kind)))
    if official:
        part = "final"
    else:
        official = _standings(tx.connection.execute(_kept(lab.slug, kind, by, official=True)))
    unofficial = _standings(tx.connection.execute(_kept(lab.slug, kind, by, official=False)))
    measured = [each.estimate.metric for each in (*official, *unofficial) if each.estimate]
    return Board(
        lab=lab.slug,
        title=lab.title,
        metric=measured[0] if lab.leaderboard is not None and measured else None,
        part=part,
        official=official,
        unofficial=unofficial,
    )


def refresh(tx: Transaction, lab: str, kind: str, learner: str, *, official: bool) -> None:
    """Find the best of one learner again, after any change to what was graded.

    A row that stays the best keeps its tier; a new one has none until ranks are compared again.
    """
    mine = {"lab": lab, "kind": kind, "official": official, "learner": learner}
    graded = [g[name] == value for name, value in mine.items()] + [g.verdict.is_not(None)]
    count = tx.connection.execute(sa.select(sa.func.count()).where(*graded)).scalar_one()
    for by in WAYS:
        here = [st[name] == value for name, value in (mine | {"ranked_by": by}).items()]
        if not count:
            tx.connection.execute(standings.delete().where(*here))
            continue
        best = tx.connection.execute(_best(by).where(*graded)).one()
        found = {**best._mapping, "submissions": count}  # noqa: SLF001  (SQLAlchemy's documented name)
        known = tx.connection.execute(sa.select(standings).where(*here)).one_or_none()
        if known is None:
            tx.connection.execute(standings.insert().values(**mine, ranked_by=by, **found))
            continue
        same = (known.submission_id, known.estimate) == (best.submission_id, best.estimate)
        tier = known.tier if same else None
        tx.connection.execute(standings.update().where(*here).values(**found, tier=tier))


def tell_tiers(tx: Transaction, lab: str, kind: Kind, tiers: Mapping[str, int]) -> None:
    """Keep which official submissions cannot be told apart; what is not named loses its tier."""
    here = (st.lab == lab, st.kind == kind, st.ranked_by == "estimate", st.official)
    tx.connection.execute(standings.update().where(*here, st.tier.is_not(None)).values(tier=None))
    if tiers:
        one = standings.update().where(*here, st.submission_id == sa.bindparam("who"))
        rows = [{"who": submission, "found": tier} for submission, tier in tiers.items()]
        tx.connection.execute(one.values(tier=sa.bindparam("found")), rows)


def evidence_of(tx: Transaction, submissions: Sequence[str]) -> dict[str, str]:
    """Return where the evidence of submissions is kept, by whole id; those without are left out."""
    query = sa.select(g.submission_id, g.evidence).where(
        g.submission_id.in_(submissions), g.evidence.is_not(None)
    )
    return {row.submission_id: row.evidence for row in tx.connection.execute(query)}


def height_of(estimate: Estimate | None) -> float | None:
    """Return what is ranked by, more being better."""
    if estimate is None:
        return None
    return -estimate.value if estimate.direction == LOWER else estimate.value


def _best(by: RankedBy) -> sa.Select[Any]:
    height: sa.ColumnElement[Any] = g.score
    if by == "estimate":
        height = sa.case((g.rank_direction == LOWER, -g.rank_value), else_=g.rank_value)
    return (
        sa.select(g.submission_id, g.verdict, g.score, height.label("height"))
        .add_columns(g.rank_estimate.label("estimate"), g.received)
        .order_by(height.desc().nulls_last(), g.received, g.submission_id)
        .limit(1)
    )


def _kept(lab: str, kind: Kind, by: RankedBy, *, official: bool) -> sa.Select[Any]:
    return (
        _shown_of(standings)
        .where(st.lab == lab, st.kind == kind, st.ranked_by == by, st.official.is_(official))
        .order_by(st.height.desc().nulls_last(), st.received, st.submission_id)
    )


def _final(lab: str, kind: Kind) -> sa.Select[Any]:
    f = finals.c
    return (
        _shown_of(finals)
        .where(f.lab == lab, f.kind == kind)
        .order_by(f.height.desc().nulls_last(), f.received, f.submission_id)
    )


def _shown_of(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table.c.estimate, table.c.submission_id, *(table.c[name] for name in SHOWN))


def _standings(found: sa.CursorResult[Any]) -> tuple[Standing, ...]:
    # All rows at once: read one by one, a thousand learners take twice as long.
    with _no_collection():
        rows = found.all()
        estimates_of, standings_of = _readers()
        told = "[" + ",".join(row[0] for row in rows if row[0]) + "]"
        estimates = iter(estimates_of.validate_json(told))
        names = ("rank", "estimate", "submission", *SHOWN)
        ranked = (
            (rank, next(estimates) if row[0] else None, *row[1:])
            for rank, row in enumerate(rows, start=1)
        )
        return standings_of.validate_python(
            [dict(zip(names, each, strict=True)) for each in ranked]
        )


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Put off the search for cycles: thousands of new records hold none, and set it off."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@functools.cache
def _readers() -> tuple[TypeAdapter[tuple[Estimate, ...]], TypeAdapter[tuple[Standing, ...]]]:
    return TypeAdapter(tuple[Estimate, ...]), TypeAdapter(tuple[Standing, ...])
