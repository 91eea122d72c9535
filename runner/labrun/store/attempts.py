"""Count what a learner has used up, and refuse what the lab does not allow."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from labrun.domain.lab import Attempts
from labrun.errors import RefusedError
from labrun.store.ledger_database import Transaction
from labrun.store.ledger_records import Chances, Kind, State
from labrun.store.tables import submissions

s = submissions.c


def chances(tx: Transaction, learner: str, lab: str, *, kind: Kind, rules: Attempts) -> Chances:
    """Return what is used and left, counted from the rows themselves."""
    counted, invalid = s.counted.is_(True), s.state == State.INVALID
    query = sa.select(
        sa.func.count().filter(counted),
        sa.func.count().filter(invalid),
        sa.func.max(s.finished_at).filter(counted),
    ).where(s.learner == learner, s.lab == lab, s.kind == kind, s.official)
    used, invalid_used, last = tx.connection.execute(query).one()
    left = None if rules.max is None else max(0, rules.max - used)
    return Chances(
        used=used,
        max=rules.max,
        left=left,
        next=_next(tx.now, last, rules) if left != 0 else None,
        invalid_used=invalid_used,
        invalid_max=rules.invalid_max,
    )


def refuse_unless_allowed(lab: str, now: datetime, found: Chances) -> None:
    """Raise `RefusedError` where the rules leave no attempt, or none yet."""
    if found.left == 0:
        msg = f"no attempt is left on {lab!r}: {found.used} of {found.max} are used"
        raise RefusedError(msg, help=f"see them with `labrun history {lab}`")
    if found.invalid_used >= found.invalid_max:
        msg = (
            f"{found.invalid_used} invalid submissions on {lab!r}: "
            f"the lab allows {found.invalid_max}"
        )
        raise RefusedError(msg, help="ask your trainer; `labrun check` finds such errors for free")
    if found.next is not None:
        left = "no limit" if found.left is None else f"{found.left} of {found.max} left"
        wait = _in_words(found.next - now)
        msg = f"the next attempt on {lab!r} opens at {found.next:%Y-%m-%d %H:%M:%S} UTC, in {wait}"
        raise RefusedError(msg, help=f"attempts: {left}; `labrun check` is free meanwhile")


def _next(now: datetime, last: datetime | None, rules: Attempts) -> datetime | None:
    if last is None:
        return None
    opens = last + timedelta(minutes=rules.cooldown_minutes)
    return opens if opens > now else None


def _in_words(wait: timedelta) -> str:
    minutes, seconds = divmod(max(1, round(wait.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"
