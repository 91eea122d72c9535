"""Leaderboards, for a terminal, for Markdown and for other programs."""

import math
from collections.abc import Sequence

from labrun.domain.leaderboard import Board, Standing
from labrun.report import wording
from labrun.report.as_json import ascii_json
from labrun.report.as_markdown import escaped
from labrun.report.printable import one_line

SAID = {
    "all": "",
    "feedback": "provisional, on the rows for feedback; what counts comes with the close",
    "final": "final, on the rows kept for the close",
}
MOST_ROWS = 100  # MLflow keeps 20,000 characters of a description


def board_text(board: Board) -> str:
    """Return the ranks in aligned columns; unofficial runs stand apart, below."""
    lines = [f"leaderboard {board.lab}   {one_line(board.title, 80)}"]
    lines.extend([f"  {SAID[board.part]}"] if SAID[board.part] else [])
    lines.extend(_table(board.official, board.metric) or ["  nobody has been graded yet"])
    if board.unofficial:
        lines.append("UNOFFICIAL (practice, counts for nothing)")
        lines.extend(_table(board.unofficial, board.metric))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def board_markdown(board: Board, most: int = MOST_ROWS) -> str:
    """Return the first ``most`` ranks as Markdown tables."""
    parts = [f"### Leaderboard of {escaped(board.title)} ({escaped(board.lab)})"]
    parts.extend([SAID[board.part]] if SAID[board.part] else [])
    parts.append(_markdown(board.official, board.metric, most) or "Nobody has been graded yet.")
    if board.unofficial:
        parts.append("#### Unofficial (practice, counts for nothing)")
        parts.append(_markdown(board.unofficial, board.metric, most))
    return "\n\n".join(parts) + "\n"


def board_json(board: Board) -> str:
    """Return the board, field for field, as ASCII."""
    return ascii_json(board)


def _head(metric: str | None, *, tiered: bool) -> list[str]:
    measured = [*(["tier"] if tiered else []), "learner", *([metric] if metric else [])]
    return ["rank", *measured, "score", "verdict", "when", "graded"]


def _is_tiered(standings: Sequence[Standing]) -> bool:
    return any(each.tier is not None for each in standings)


def _row(standing: Standing, metric: str | None, *, tiered: bool) -> list[str]:
    estimate = standing.estimate
    measured = []
    if metric:
        known = estimate is not None and math.isfinite(estimate.value)
        measured = (
            [f"{wording.value(estimate)} {wording.interval(estimate)}"]
            if (estimate is not None and known)
            else [""]
        )
    tier = "" if standing.tier is None else str(standing.tier)
    return [
        str(standing.rank),
        *([tier] if tiered else []),
        standing.learner,
        *measured,
        wording.points(standing.score),
        standing.verdict.value,
        wording.moment(standing.received),
        str(standing.submissions),
    ]


def _table(standings: Sequence[Standing], metric: str | None) -> list[str]:
    if not standings:
        return []
    tiered = _is_tiered(standings)
    rows = [_head(metric, tiered=tiered)]
    rows += [_row(standing, metric, tiered=tiered) for standing in standings]
    rows = [[one_line(cell, 40) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def _markdown(standings: Sequence[Standing], metric: str | None, most: int) -> str:
    if not standings:
        return ""
    tiered = _is_tiered(standings)
    head = _head(metric, tiered=tiered)
    rows = [head, ["---"] * len(head)]
    rows.extend(
        [escaped(cell, 60) for cell in _row(each, metric, tiered=tiered)]
        for each in standings[:most]
    )
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines[0] = f"| {' | '.join(escaped(cell, 40) for cell in head)} |"
    if (more := len(standings) - most) > 0:
        lines.append(f"\n{wording.plural(more, 'more learner')} below.")
    return "\n".join(lines)
