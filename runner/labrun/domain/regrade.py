"""A regrade: what submissions would get from the lab as it is now, and what of it may count.

A mistake of the test never lowers what was published. So of two grades each part is kept that is
the better one for the learner: verdict, score, and the value the leaderboard ranks by.
"""

import enum
from collections.abc import Sequence
from datetime import datetime

from labrun.domain.grade import Estimate, Outcome, Verdict
from labrun.domain.leaderboard import Shown
from labrun.domain.record import Record
from labrun.domain.result import CheckInfo, How

LOWER = "lower"  # the direction of an estimate of which less is better


class Change(enum.StrEnum):
    """What a regrade would make of one result; only what rises is ever published."""

    RISES = "rises"
    SAME = "same"
    KEPT = "kept"
    NEEDS_RERUN = "needs-rerun"
    UNREADABLE = "unreadable"
    LAB_FAULT = "lab-fault"
    FAILED = "failed"


class Marks(Record):
    """What of a result counts; ``rank`` is what the leaderboard compares."""

    verdict: Verdict | None = None
    score: float | None = None
    rank: Estimate | None = None


class CheckChange(Record):
    """One check whose outcome, points or measured value changed; ``why`` says what is found now.

    None where the lab had, or has, no such check.
    """

    id: str
    before: Outcome | None
    after: Outcome | None
    points_before: float
    points_after: float
    of: float
    why: str


class Item(Record):
    """One submission in a regrade: what it has, what it would get, and what would then count.

    ``number`` is that of the result it is compared with: 1 for the first, one more for each that
    replaced it. ``lab_version`` and ``lab_digest`` are those it was graded with. ``shown`` is what
    the learner would have been shown since, in a lab with a ladder.
    """

    submission: str
    learner: str
    received: datetime
    number: int
    lab_version: str
    lab_digest: str
    change: Change
    before: Marks
    after: Marks | None = None
    kept: Marks | None = None
    checks: tuple[CheckChange, ...] = ()
    why: str = ""
    shown: tuple[Shown, ...] = ()


class Proposal(Record):
    """A regrade as it was worked out; nothing of it counts before it is published.

    ``waiting`` submissions are still to be regraded, because it was interrupted or failed.
    """

    id: str
    lab: str
    how: How
    only: tuple[str, ...]
    lab_version: str
    lab_digest: str
    data_digest: str | None
    state: str
    created: datetime
    published: datetime | None
    reason: str | None
    waiting: int
    items: tuple[Item, ...]

    @property
    def short(self) -> str:
        """Return the last six characters: the first ones are the time and alike for all."""
        return self.id[-6:]

    def having(self, change: Change) -> tuple[Item, ...]:
        """Return the submissions of which this would become."""
        return tuple(item for item in self.items if item.change is change)


def result_name(submission: str, number: int) -> str | None:
    """Return what a result is called: the first as its submission; None for what was never."""
    if number < 1:
        return None
    return submission if number == 1 else f"{submission}.{number}"


def kept(before: Marks, after: Marks) -> Marks:
    """Return, part by part, the better of two; a rank by another metric cannot be compared."""
    passed = Verdict.PASSED in (before.verdict, after.verdict)
    scores = [score for score in (before.score, after.score) if score is not None]
    return Marks(
        verdict=Verdict.PASSED if passed else after.verdict or before.verdict,
        score=max(scores, default=None),
        rank=_better(before.rank, after.rank),
    )


def change_of(before: Marks, after: Marks) -> Change:
    """Return whether a result rises in any part, else whether it would fall in any."""
    if _facts(kept(before, after)) != _facts(before):
        return Change.RISES
    return Change.SAME if _facts(after) == _facts(before) else Change.KEPT


def falls(before: Marks, after: Marks) -> tuple[str, ...]:
    """Return the parts in which the new grade is worse, which are therefore kept as they were."""
    stays = kept(before, after)
    named = {
        "verdict": stays.verdict != after.verdict,
        "score": stays.score != after.score,
        "leaderboard value": _ranked(stays.rank) != _ranked(after.rank),
    }
    return tuple(name for name, worse in named.items() if worse)


def changed_checks(before: Sequence[CheckInfo], after: Sequence[CheckInfo]) -> list[CheckChange]:
    """Return the checks that are not what they were, in the order of the lab as it is now."""
    old, new = {each.id: each for each in before}, {each.id: each for each in after}
    names = dict.fromkeys([*new, *old])
    pairs = [(name, old.get(name), new.get(name)) for name in names]
    return [_changed(*pair) for pair in pairs if _seen(pair[1]) != _seen(pair[2])]


def _changed(name: str, before: CheckInfo | None, after: CheckInfo | None) -> CheckChange:
    why = after.rationale if after else "the lab has no such check any more"
    if after and before and _value(before) != _value(after):
        why = f"{_value(before) or 'nothing'} → {_value(after) or 'nothing'}; {why}"
    if after and before and after.gate != before.gate:
        why = f"{'now' if after.gate else 'no longer'} a gate; {why}"
    return CheckChange(
        id=name,
        before=before.outcome if before else None,
        after=after.outcome if after else None,
        points_before=before.points if before else 0,
        points_after=after.points if after else 0,
        of=after.of if after else 0,
        why=why,
    )


def _seen(check: CheckInfo | None) -> object:
    if check is None:
        return None
    return (check.outcome, check.points, check.of, check.gate, _value(check))


def _value(check: CheckInfo) -> str:
    return f"{check.estimate.metric} {check.estimate.value:.6g}" if check.estimate else ""


def _better(before: Estimate | None, after: Estimate | None) -> Estimate | None:
    if before is None or after is None:
        return after or before
    if (before.metric, before.direction) != (after.metric, after.direction):
        return after
    gain = after.value - before.value
    return after if (-gain if after.direction == LOWER else gain) >= 0 else before


def _facts(marks: Marks) -> object:
    return (marks.verdict, marks.score, _ranked(marks.rank))


def _ranked(rank: Estimate | None) -> object:
    return (rank.metric, rank.value) if rank else None
