"""The leaderboard as the description of an experiment: Markdown, each rank a link to its run."""

import html
import re
from collections.abc import Mapping, Sequence

from labrun.domain.leaderboard import Board, Standing
from labrun.tracker.facts import plain

MOST_CHARACTERS = 19_000  # MLflow keeps 20,000 of an experiment's tag
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~^$])")


def official_note(board: Board, links: Mapping[str, str]) -> str:
    """Return the official ranks; ``links`` are addresses of runs by submission."""
    return _note(f"### Leaderboard: {_text(board.title)}", board.official, board.metric, links)


def practice_note(board: Board, links: Mapping[str, str]) -> str:
    """Return the ranks of runs that count for nothing."""
    head = f"### Practice: {_text(board.title)}\n\nUnofficial runs; none of them counts."
    return _note(head, board.unofficial, board.metric, links)


def _note(
    head: str, standings: Sequence[Standing], metric: str | None, links: Mapping[str, str]
) -> str:
    if not standings:
        return f"{head}\n\nNobody has been graded yet."
    names = ["rank", "learner", _text(metric or "metric"), "score", "verdict", "when", "graded"]
    lines = [head, "", f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    room = MOST_CHARACTERS - sum(len(line) + 1 for line in lines)
    for at, standing in enumerate(standings):
        row = _row(standing, links.get(standing.submission))
        room -= len(row) + 1
        if room < 0:
            lines.extend(["", f"{len(standings) - at:,} more below."])
            break
        lines.append(row)
    return "\n".join(lines)


def _row(standing: Standing, link: str | None) -> str:
    measured = ""
    if found := standing.estimate:
        measured = f"{found.value:,.4g} \\[{found.low:,.4g}, {found.high:,.4g}\\]"
    score = f"{standing.score:g}"
    cells = [
        str(standing.rank),
        _text(standing.learner),
        measured,
        f"[{score}]({link})" if link else score,
        standing.verdict.value,
        f"{standing.received:%Y-%m-%d %H:%M}",
        str(standing.submissions),
    ]
    return f"| {' | '.join(cells)} |"


def _text(text: str) -> str:
    escaped = SPECIAL.sub(r"\\\1", html.escape(plain(text, 80), quote=False))
    return escaped.replace("://", "&#58;//").replace("www.", "www&#46;")
