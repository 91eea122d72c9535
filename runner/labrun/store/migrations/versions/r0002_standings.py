"""Leaderboards kept ready, what learners were shown, and what counts once a lab is closed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Of the graded submissions of each learner the best, and among equals the earliest.
BEST = """
INSERT INTO standings
SELECT lab, kind, official, learner, ranked_by, submission_id, submissions,
       verdict, score, height, rank_estimate, received, NULL
FROM (
    SELECT *, row_number() OVER (
               PARTITION BY lab, kind, official, learner, ranked_by
               ORDER BY height DESC NULLS LAST, received, submission_id
           ) AS place,
           count(*) OVER (
               PARTITION BY lab, kind, official, learner, ranked_by
           ) AS submissions
    FROM (
        SELECT g.*, 'score' AS ranked_by, score AS height
        FROM grades AS g WHERE verdict IS NOT NULL
        UNION ALL
        SELECT g.*, 'estimate' AS ranked_by,
               CASE WHEN rank_direction = 'lower' THEN -rank_value ELSE rank_value END AS height
        FROM grades AS g WHERE verdict IS NOT NULL
    ) AS both_ways
) AS ranked
WHERE place = 1
"""


def upgrade() -> None:
    """Create the tables, and rank what has been graded so far."""
    _standings()
    _shown()
    _choices()
    _closings()
    _finals()
    op.execute(BEST)


def _standings() -> None:
    op.create_table(
        "standings",
        sa.Column("lab", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("learner", sa.Text(), nullable=False),
        sa.Column("ranked_by", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("height", sa.Float()),
        sa.Column("estimate", sa.Text()),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.Integer()),
        sa.CheckConstraint("ranked_by IN ('score', 'estimate')", name=op.f("ck_standings_by")),
        _of_a_submission("standings"),
        sa.PrimaryKeyConstraint(
            *("lab", "kind", "official", "learner", "ranked_by"), name=op.f("pk_standings")
        ),
    )
    op.create_index(
        "ix_standings_board", "standings", ["lab", "kind", "ranked_by", "official", "height"]
    )


def _shown() -> None:
    op.create_table(
        "shown",
        sa.Column("lab", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("learner", sa.Text(), nullable=False),
        sa.Column("check_id", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("estimate", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _of_a_submission("shown"),
        sa.PrimaryKeyConstraint(
            *("lab", "kind", "official", "learner", "check_id"), name=op.f("pk_shown")
        ),
    )


def _choices() -> None:
    op.create_table(
        "choices",
        sa.Column("lab", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("learner", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _of_a_submission("choices"),
        sa.PrimaryKeyConstraint("lab", "kind", "learner", name=op.f("pk_choices")),
    )


def _closings() -> None:
    op.create_table(
        "closings",
        sa.Column("lab", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lab", "kind", name=op.f("pk_closings")),
    )


def _finals() -> None:
    op.create_table(
        "finals",
        sa.Column("lab", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("learner", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("height", sa.Float()),
        sa.Column("estimate", sa.Text()),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("tier", sa.Integer()),
        sa.Column("result", sa.Text(), nullable=False),
        sa.CheckConstraint("verdict IN ('passed', 'failed')", name=op.f("ck_finals_verdict")),
        _of_a_submission("finals"),
        sa.PrimaryKeyConstraint("lab", "kind", "learner", name=op.f("pk_finals")),
    )
    op.create_index(op.f("ix_finals_submission_id"), "finals", ["submission_id"])


def _of_a_submission(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["submission_id"], ["submissions.id"], name=op.f(f"fk_{table}_submission_id")
    )
