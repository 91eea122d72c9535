"""The tables of the ledger; a migration follows every change made here."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware time, kept as whole microseconds since 1970: compared alike everywhere."""

    impl: sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]] = sa.BigInteger
    cache_ok: bool | None = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002  (SQLAlchemy's signature)
        """Return what is stored; a naive time is a programming error."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002  (SQLAlchemy's signature)
        """Return the time in UTC."""
        return None if value is None else EPOCH + value * MICROSECOND


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

OPEN = "state IN ('queued', 'running')"
# Where an index is partial, the migration gives PostgreSQL the same condition. Said here too, it
# would have every command import that dialect.

submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("learner", sa.Text, nullable=False),
    sa.Column("lab", sa.Text, nullable=False),
    sa.Column("lab_version", sa.Text, nullable=False),
    sa.Column("lab_digest", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("files", sa.Text),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("official", sa.Boolean, nullable=False),
    sa.Column("split", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("fair_rank", sa.Integer, nullable=False),
    sa.Column("pool", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("worker", sa.Text),
    sa.Column("worker_host", sa.Text),
    sa.Column("worker_pid", sa.Integer),
    sa.Column("worker_started", sa.Text),
    sa.Column("lease_until", Instant),
    sa.Column("phase", sa.Text),
    sa.Column("platform_failures", sa.Integer, nullable=False),
    sa.Column("not_before", Instant, nullable=False),
    sa.Column("queued_at", Instant, nullable=False),
    sa.Column("started_at", Instant),
    sa.Column("finished_at", Instant),
    sa.Column("message", sa.Text),
    sa.Column("commit", sa.Text),
    sa.Column("counted", sa.Boolean),
    sa.Column("why", sa.Text, nullable=False),
    sa.CheckConstraint(
        "state IN ('queued', 'running', 'graded', 'invalid', 'system-error', 'cancelled', 'held')",
        name="state",
    ),
    sa.CheckConstraint("kind IN ('practice', 'exam')", name="kind"),
)

sa.Index(
    "ix_submissions_claim",
    submissions.c.pool,
    submissions.c.priority.desc(),
    submissions.c.fair_rank,
    submissions.c.queued_at,
    sqlite_where=sa.text("state = 'queued'"),
)
sa.Index(
    "ix_submissions_running",
    submissions.c.lease_until,
    sqlite_where=sa.text("state = 'running'"),
)
sa.Index(
    "uq_submissions_one_open",
    submissions.c.learner,
    submissions.c.lab,
    submissions.c.kind,
    unique=True,
    sqlite_where=sa.text(f"official AND {OPEN}"),
)
sa.Index(
    "ix_submissions_attempts",
    submissions.c.learner,
    submissions.c.lab,
    submissions.c.queued_at,
)
# What never changes of a submission is repeated here, so that one index answers a leaderboard;
# ``result`` stands last, so that reading anything else never pages through its JSON.
grades = sa.Table(
    "grades",
    metadata,
    sa.Column("submission_id", sa.Text, sa.ForeignKey("submissions.id"), primary_key=True),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("lab", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("official", sa.Boolean, nullable=False),
    sa.Column("learner", sa.Text, nullable=False),
    sa.Column("received", Instant, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("verdict", sa.Text),
    sa.Column("score", sa.Float),
    sa.Column("rank_value", sa.Float),
    sa.Column("rank_direction", sa.Text),
    sa.Column("rank_estimate", sa.Text),
    sa.Column("evidence", sa.Text),
    sa.Column("result", sa.Text, nullable=False),
    sa.CheckConstraint("verdict IN ('passed', 'failed')", name="verdict"),
    sa.CheckConstraint("rank_direction IN ('higher', 'lower')", name="rank_direction"),
)
sa.Index(
    "ix_grades_board",
    grades.c.lab,
    grades.c.kind,
    grades.c.official,
    grades.c.learner,
    grades.c.rank_value,
    grades.c.rank_direction,
    grades.c.score,
    grades.c.received,
    grades.c.submission_id,
    sqlite_where=sa.text("verdict IS NOT NULL"),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("submission_id", sa.Text, sa.ForeignKey("submissions.id"), primary_key=True),
    sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("worker", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("started", Instant, nullable=False),
    sa.Column("ended", Instant),
    sa.Column("outcome", sa.Text),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("submission_id", sa.Text, sa.ForeignKey("submissions.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Index(None, "submission_id"),
    sqlite_autoincrement=True,
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("submission_id", sa.Text, sa.ForeignKey("submissions.id"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("last_error", sa.Text),
    sa.Column("run_url", sa.Text),
    sa.Column("at", Instant, nullable=False),
    sa.CheckConstraint("state IN ('pending', 'done')", name="state"),
)
sa.Index(
    "ix_outbox_pending",
    outbox.c.at,
    sqlite_where=sa.text("state = 'pending'"),
)

regrades = sa.Table(
    "regrades",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("lab", sa.Text, nullable=False),
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("chosen", sa.Text, nullable=False),
    sa.Column("lab_version", sa.Text, nullable=False),
    sa.Column("lab_digest", sa.Text, nullable=False),
    sa.Column("data_digest", sa.Text),
    sa.Column("grader", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("worker", sa.Text),
    sa.Column("worker_host", sa.Text),
    sa.Column("worker_pid", sa.Integer),
    sa.Column("worker_started", sa.Text),
    sa.Column("lease_until", Instant),
    sa.Column("created", Instant, nullable=False),
    sa.Column("published", Instant),
    sa.Column("reason", sa.Text),
    sa.CheckConstraint("how IN ('rescore', 'rerun')", name="how"),
    sa.CheckConstraint("state IN ('open', 'proposed', 'published', 'replaced')", name="state"),
    sa.Index(None, "lab"),
)
# ``number`` is that of the result an item is compared with; ``body`` is the item, once judged.
regrade_items = sa.Table(
    "regrade_items",
    metadata,
    sa.Column("regrade_id", sa.Text, sa.ForeignKey("regrades.id"), primary_key=True),
    sa.Column("submission_id", sa.Text, sa.ForeignKey("submissions.id"), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("body", sa.Text),
    sa.Column("evidence", sa.Text),
    sa.Column("result", sa.Text),
)
# Results that were published and then replaced by a regrade: written once, never changed.
superseded = sa.Table(
    "superseded",
    metadata,
    sa.Column("submission_id", sa.Text, sa.ForeignKey("submissions.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("regrade_id", sa.Text, sa.ForeignKey("regrades.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("superseded_at", Instant, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text),
    sa.Column("score", sa.Float),
    sa.Column("rank_estimate", sa.Text),
    sa.Column("evidence", sa.Text),
    sa.Column("result", sa.Text, nullable=False),
)
KEPT_FOR_GOOD = {
    name: f"CREATE TRIGGER {name} BEFORE {act} ON superseded "
    "BEGIN SELECT RAISE(ABORT, 'a superseded result is kept for good'); END"
    for name, act in {"superseded_stays": "DELETE", "superseded_is_fixed": "UPDATE"}.items()
}
for statement in KEPT_FOR_GOOD.values():
    creation = sa.DDL(statement).execute_if(dialect="sqlite")  # type: ignore[no-untyped-call]
    sa.event.listen(superseded, "after_create", creation)

# One row a learner, kept as grades come in, so that a leaderboard reads no grade at all. Both ways
# to rank are kept, as a lab may name or drop its leaderboard later.
standings = sa.Table(
    "standings",
    metadata,
    sa.Column("lab", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("official", sa.Boolean, primary_key=True),
    sa.Column("learner", sa.Text, primary_key=True),
    sa.Column("ranked_by", sa.Text, primary_key=True),
    sa.Column("submission_id", sa.Text, sa.ForeignKey("submissions.id"), nullable=False),
    sa.Column("submissions", sa.Integer, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("height", sa.Float),
    sa.Column("estimate", sa.Text),
    sa.Column("received", Instant, nullable=False),
    sa.Column("tier", sa.Integer),
    sa.CheckConstraint("ranked_by IN ('score', 'estimate')", name="by"),
)
sa.Index(
    "ix_standings_board",
    standings.c.lab,
    standings.c.kind,
    standings.c.ranked_by,
    standings.c.official,
    standings.c.height,
)

# What a learner was last shown of a check whose values go up by whole steps only, of which
# submission it was, and how many were graded since the first.
shown = sa.Table(
    "shown",
    metadata,
    sa.Column("lab", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("official", sa.Boolean, primary_key=True),
    sa.Column("learner", sa.Text, primary_key=True),
    sa.Column("check_id", sa.Text, primary_key=True),
    sa.Column("submission_id", sa.Text, sa.ForeignKey("submissions.id"), nullable=False),
    sa.Column("estimate", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
)

choices = sa.Table(
    "choices",
    metadata,
    sa.Column("lab", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("learner", sa.Text, primary_key=True),
    sa.Column("submission_id", sa.Text, sa.ForeignKey("submissions.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
)

closings = sa.Table(
    "closings",
    metadata,
    sa.Column("lab", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False),
)

finals = sa.Table(
    "finals",
    metadata,
    sa.Column("lab", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("learner", sa.Text, primary_key=True),
    sa.Column("submission_id", sa.Text, sa.ForeignKey("submissions.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("height", sa.Float),
    sa.Column("estimate", sa.Text),
    sa.Column("received", Instant, nullable=False),
    sa.Column("submissions", sa.Integer, nullable=False),
    sa.Column("tier", sa.Integer),
    sa.Column("result", sa.Text, nullable=False),
    sa.CheckConstraint("verdict IN ('passed', 'failed')", name="verdict"),
    sa.Index(None, "submission_id"),
)
