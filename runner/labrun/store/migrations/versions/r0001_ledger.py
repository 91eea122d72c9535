"""The ledger: submissions, their grades and runs, the history and the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

QUEUED = sa.text("state = 'queued'")
RUNNING = sa.text("state = 'running'")
OPEN = sa.text("official AND state IN ('queued', 'running')")
JUDGED = sa.text("verdict IS NOT NULL")
PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    """Create every table."""
    _submissions()
    _grades()
    _runs()
    _events()
    _outbox()


def _submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("learner", sa.Text(), nullable=False),
        sa.Column("lab", sa.Text(), nullable=False),
        sa.Column("lab_version", sa.Text(), nullable=False),
        sa.Column("lab_digest", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("files", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("fair_rank", sa.Integer(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("worker_host", sa.Text()),
        sa.Column("worker_pid", sa.Integer()),
        sa.Column("worker_started", sa.Text()),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("phase", sa.Text()),
        sa.Column("platform_failures", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("message", sa.Text()),
        sa.Column("commit", sa.Text()),
        sa.Column("counted", sa.Boolean()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN "
            "('queued', 'running', 'graded', 'invalid', 'system-error', 'cancelled', 'held')",
            name=op.f("ck_submissions_state"),
        ),
        sa.CheckConstraint("kind IN ('practice', 'exam')", name=op.f("ck_submissions_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
    )
    _submission_indexes()


def _submission_indexes() -> None:
    op.create_index(
        "ix_submissions_claim",
        "submissions",
        ["pool", sa.text("priority DESC"), "fair_rank", "queued_at"],
        sqlite_where=QUEUED,
        postgresql_where=QUEUED,
    )
    op.create_index(
        "ix_submissions_running",
        "submissions",
        ["lease_until"],
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    op.create_index(
        "uq_submissions_one_open",
        "submissions",
        ["learner", "lab", "kind"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_submissions_attempts", "submissions", ["learner", "lab", "queued_at"])


def _grades() -> None:
    op.create_table(
        "grades",
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("lab", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("learner", sa.Text(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text()),
        sa.Column("score", sa.Float()),
        sa.Column("rank_value", sa.Float()),
        sa.Column("rank_direction", sa.Text()),
        sa.Column("rank_estimate", sa.Text()),
        sa.Column("evidence", sa.Text()),
        sa.Column("result", sa.Text(), nullable=False),
        sa.CheckConstraint("verdict IN ('passed', 'failed')", name=op.f("ck_grades_verdict")),
        sa.CheckConstraint(
            "rank_direction IN ('higher', 'lower')", name=op.f("ck_grades_rank_direction")
        ),
        _of_a_submission("grades"),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_grades")),
    )
    op.create_index(
        "ix_grades_board",
        "grades",
        [
            *("lab", "kind", "official", "learner", "rank_value", "rank_direction"),
            *("score", "received", "submission_id"),
        ],
        sqlite_where=JUDGED,
        postgresql_where=JUDGED,
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger()),
        sa.Column("outcome", sa.Text()),
        _of_a_submission("runs"),
        sa.PrimaryKeyConstraint("submission_id", "epoch", name=op.f("pk_runs")),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        _of_a_submission("events"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_events_submission_id"), "events", ["submission_id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("run_url", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'done')", name=op.f("ck_outbox_state")),
        _of_a_submission("outbox"),
        sa.PrimaryKeyConstraint("submission_id", "kind", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["at"],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )


def _of_a_submission(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["submission_id"], ["submissions.id"], name=op.f(f"fk_{table}_submission_id")
    )
