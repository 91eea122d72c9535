"""What each learner has been shown of a check whose shown value moves by clear steps only."""

import json
from collections.abc import Iterable

import sqlalchemy as sa

from labrun.domain.grade import Estimate
from labrun.domain.leaderboard import Shown
from labrun.store.ledger_database import Transaction
from labrun.store.ledger_records import Entry, Kind
from labrun.store.tables import grades, shown

c = shown.c


def shown_to(
    tx: Transaction, learner: str, lab: str, *, kind: Kind, official: bool
) -> dict[str, Shown]:
    """Return what one learner has been shown so far, by check."""
    query = (
        sa.select(shown, grades.c.evidence)
        .join(grades, grades.c.submission_id == c.submission_id)
        .where(c.learner == learner, c.lab == lab, c.kind == kind, c.official.is_(official))
    )
    return {
        row.check_id: Shown(
            check=row.check_id,
            submission=row.submission_id,
            estimate=Estimate.model_validate_json(row.estimate),
            tries=row.tries,
            evidence=row.evidence,
        )
        for row in tx.connection.execute(query)
    }


def keep_shown(tx: Transaction, row: Entry, found: Iterable[Shown]) -> None:
    """Replace what the learner of ``row`` is shown, by check."""
    for each in found:
        whose = {
            "lab": row.lab,
            "kind": row.kind,
            "official": row.official,
            "learner": row.learner,
            "check_id": each.check,
        }
        tx.connection.execute(shown.delete().where(*(c[k] == v for k, v in whose.items())))
        tx.connection.execute(
            shown.insert().values(
                **whose,
                submission_id=each.submission,
                estimate=json.dumps(each.estimate.model_dump(mode="json")),
                tries=each.tries,
            )
        )
