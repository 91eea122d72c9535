"""Regrades: proposals, what they would change, and the results that were replaced."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of regrades."""
    _regrades()
    _items()
    _superseded()


def _regrades() -> None:
    op.create_table(
        "regrades",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lab", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("chosen", sa.Text(), nullable=False),
        sa.Column("lab_version", sa.Text(), nullable=False),
        sa.Column("lab_digest", sa.Text(), nullable=False),
        sa.Column("data_digest", sa.Text()),
        sa.Column("grader", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("worker_host", sa.Text()),
        sa.Column("worker_pid", sa.Integer()),
        sa.Column("worker_started", sa.Text()),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("published", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint("how IN ('rescore', 'rerun')", name=op.f("ck_regrades_how")),
        sa.CheckConstraint(
            "state IN ('open', 'proposed', 'published', 'replaced')",
            name=op.f("ck_regrades_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrades")),
    )
    op.create_index(op.f("ix_regrades_lab"), "regrades", ["lab"])


def _items() -> None:
    op.create_table(
        "regrade_items",
        sa.Column("regrade_id", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text()),
        sa.Column("evidence", sa.Text()),
        sa.Column("result", sa.Text()),
        _of("regrade_items", "regrade_id", "regrades"),
        _of("regrade_items", "submission_id", "submissions"),
        sa.PrimaryKeyConstraint("regrade_id", "submission_id", name=op.f("pk_regrade_items")),
    )


def _superseded() -> None:
    op.create_table(
        "superseded",
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("regrade_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("superseded_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text()),
        sa.Column("score", sa.Float()),
        sa.Column("rank_estimate", sa.Text()),
        sa.Column("evidence", sa.Text()),
        sa.Column("result", sa.Text(), nullable=False),
        _of("superseded", "submission_id", "submissions"),
        _of("superseded", "regrade_id", "regrades"),
        sa.PrimaryKeyConstraint("submission_id", "number", name=op.f("pk_superseded")),
    )
    if op.get_bind().dialect.name == "sqlite":
        _kept_for_good("superseded_stays", "DELETE")
        _kept_for_good("superseded_is_fixed", "UPDATE")


def _kept_for_good(name: str, act: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {act} ON superseded "
        "BEGIN SELECT RAISE(ABORT, 'a superseded result is kept for good'); END"
    )


def _of(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=op.f(f"fk_{table}_{column}"))
