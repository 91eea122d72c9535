"""Rank learners by their best graded submission."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from labrun.domain.grade import Estimate
from labrun.domain.lab import Lab
from labrun.domain.leaderboard import Board, Standing
from labrun.store.ledger_database import Transaction
from labrun.store.ledger_records import LOWER, Kind
from labrun.store.tables import grades

g = grades.c
_SHOWN = (g.submission_id, g.official, g.learner, g.received, g.verdict, g.score, g.rank_estimate)


def board(tx: Transaction, lab: Lab, *, kind: Kind) -> Board:
    """Return the leaderboard: by the lab's metric if it names one, else by score."""
    by_metric = lab.leaderboard is not None
    rows = tx.connection.execute(_best_of_each(lab.slug, kind, by_metric=by_metric)).all()
    official = _standings(row for row in rows if row.official)
    unofficial = _standings(row for row in rows if not row.official)
    ranked_by = [each.estimate.metric for each in (*official, *unofficial) if each.estimate]
    return Board(
        lab=lab.slug,
        title=lab.title,
        metric=ranked_by[0] if by_metric and ranked_by else None,
        official=official,
        unofficial=unofficial,
    )


def _best_of_each(lab: str, kind: Kind, *, by_metric: bool) -> sa.Select[Any]:
    # One sorted look-up a learner: a window over every row takes five times as long.
    each = grades.alias()
    learners = (
        sa.select(each.c.official, each.c.learner, sa.func.count().label("submissions"))
        .add_columns(_best(each, by_metric=by_metric).scalar_subquery().label("best"))
        .where(each.c.lab == lab, each.c.kind == kind, each.c.verdict.is_not(None))
        .group_by(each.c.lab, each.c.kind, each.c.official, each.c.learner)
        .subquery()
    )
    return (
        sa.select(*_SHOWN, learners.c.submissions)
        .join(learners, learners.c.best == g.submission_id)
        .order_by(*_order(grades, by_metric=by_metric))
    )


def _best(each: sa.FromClause, *, by_metric: bool) -> sa.Select[Any]:
    of_this_learner = ("lab", "kind", "official", "learner")
    own = grades.alias()
    return (
        sa.select(own.c.submission_id)
        .where(*(own.c[name] == each.c[name] for name in of_this_learner))
        .where(own.c.verdict.is_not(None))
        .order_by(*_order(own, by_metric=by_metric))
        .limit(1)
        .correlate(each)
    )


def _order(table: sa.FromClause, *, by_metric: bool) -> tuple[sa.ColumnElement[Any], ...]:
    c = table.c
    height: sa.ColumnElement[Any] = c.score
    if by_metric:
        height = sa.case((c.rank_direction == LOWER, -c.rank_value), else_=c.rank_value)
    return (height.desc().nulls_last(), c.received, c.submission_id)


def _standings(rows: Iterable[sa.Row[Any]]) -> tuple[Standing, ...]:
    return tuple(
        Standing(
            rank=rank,
            learner=row.learner,
            submission=row.submission_id,
            verdict=row.verdict,
            score=row.score,
            estimate=Estimate.model_validate_json(row.rank_estimate) if row.rank_estimate else None,
            received=row.received,
            submissions=row.submissions,
        )
        for rank, row in enumerate(rows, start=1)
    )
