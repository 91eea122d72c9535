"""A regrade as text: who changes, by how much, which checks and why."""

from collections import Counter
from collections.abc import Sequence

from labrun.domain.grade import Estimate, Outcome
from labrun.domain.regrade import Change, CheckChange, Item, Marks, Proposal
from labrun.report import wording
from labrun.report.printable import one_line

SHORT = 6
DIGEST = 8
CHANGES = {
    Change.RISES: "rises",
    Change.SAME: "same",
    Change.KEPT: "would fall: kept",
    Change.NEEDS_RERUN: "needs --rerun",
    Change.UNREADABLE: "cannot be read",
    Change.LAB_FAULT: "the lab cannot judge it",
    Change.FAILED: "labrun failed",
}
HEAD = ["LEARNER", "ID", "GRADED WITH", "SCORE", "VERDICT", "LEADERBOARD", "CHANGE"]
ARROW = " → "


def proposal_text(proposal: Proposal) -> str:
    """Return one row for each submission, with what changed in it below."""
    version = f"{proposal.lab} {proposal.lab_version} ({proposal.lab_digest[:DIGEST]})"
    lines = [f"regrade {proposal.short} of {version}   --{proposal.how}"]
    rows = _aligned([HEAD, *(_row(item) for item in proposal.items)])
    lines.append(f"  {rows[0]}")
    for item, row in zip(proposal.items, rows[1:], strict=True):
        lines.append(f"  {row}")
        lines.extend(f"      {line}" for line in _below(item))
    lines.append(summary(proposal))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def summary(proposal: Proposal) -> str:
    """Return how many submissions change, and in what way."""
    counts = Counter(item.change for item in proposal.items)
    parts = [f"{counts[change]} {words}" for change, words in CHANGES.items() if counts[change]]
    if proposal.waiting:
        parts.append(f"{proposal.waiting} still to be regraded")
    return f"{wording.plural(len(proposal.items), 'submission')}: {', '.join(parts) or 'none'}"


def _row(item: Item) -> list[str]:
    before, after = item.before, item.after
    return [
        one_line(item.learner, 40),
        item.submission[-SHORT:],
        f"{one_line(item.lab_version, 20)} ({item.lab_digest[:DIGEST]})",
        _moved(_score(before), _score(after)),
        _moved(before.verdict or "none", (after.verdict or "none") if after else None),
        _moved(_rank(before.rank), _rank(after.rank) if after else None),
        CHANGES[item.change] + _by(item),
    ]


def _moved(before: str, after: str | None) -> str:
    return before if after is None or before == after else f"{before}{ARROW}{after}"


def _score(marks: Marks | None) -> str:
    if marks is None:
        return ""
    return "none" if marks.score is None else wording.points(marks.score)


def _rank(rank: Estimate | None) -> str:
    return f"{one_line(rank.metric, 20)} {rank.value:.4g}" if rank else ""


def _by(item: Item) -> str:
    if item.after is None or item.before.score is None or item.after.score is None:
        return ""
    change = round(item.after.score - item.before.score, 2)
    return f" ({change:+g})" if change else ""


def _below(item: Item) -> list[str]:
    lines = [one_line(item.why)] if item.why else []
    return [*lines, *(_check(each) for each in item.checks)]


def _check(check: CheckChange) -> str:
    points = _moved(wording.points(check.points_before), wording.points(check.points_after))
    outcome = _moved(_outcome(check.before), _outcome(check.after))
    earned = f", {points} of {wording.points(check.of)} points" if check.of else ""
    return one_line(f"{check.id}: {outcome}{earned}: {check.why}")


def _outcome(outcome: Outcome | None) -> str:
    return outcome.value if outcome else "absent"


def _aligned(rows: Sequence[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
