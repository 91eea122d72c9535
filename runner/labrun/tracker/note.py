"""The leaderboard as the description of an experiment: Markdown, each rank a link to its run."""

import html
import re
from collections.abc import Mapping, Sequence

from labrun.domain.leaderboard import Board, Standing
from labrun.tracker.facts import plain

MOST_CHARACTERS = 19_000  # MLflow keeps 20,000 of an experiment's tag
SAID = {
    "all": "",
    "feedback": "Provisional, on the rows for feedback; what counts comes with the close.",
    "final": "Final, on the rows kept for the close.",
}
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~^$])")


def official_note(board: Board, links: Mapping[str, str]) -> str:
    """Return the official ranks; ``links`` are addresses of runs by submission."""
    head = f"### Leaderboard: {_text(board.title)}"
    if said := SAID[board.part]:
        head = f"{head}\n\n{said}"
    return _note(head, board.official, board.metric, links)


def practice_note(board: Board, links: Mapping[str, str]) -> str:
    """Return the ranks of runs that count for nothing."""
    head = f"### Practice: {_text(board.title)}\n\nUnofficial runs; none of them counts."
    return _note(head, board.unofficial, board.metric, links)


def _note(
    head: str, standings: Sequence[Standing], metric: str | None, links: Mapping[str, str]
) -> str:
    if not standings:
        return f"{head}\n\nNobody has been graded yet."
    tiered = any(each.tier is not None for each in standings)
    names = ["rank", *(["tier"] if tiered else []), "learner", _text(metric or "metric")]
    names += ["score", "verdict", "when", "graded"]
    lines = [head, "", f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    room = MOST_CHARACTERS - sum(len(line) + 1 for line in lines)
    for at, standing in enumerate(standings):
        row = _row(standing, links.get(standing.submission), tiered=tiered)
        room -= len(row) + 1
        if room < 0:
            lines.extend(["", f"{len(standings) - at:,} more below."])
            break
        lines.append(row)
    return "\n".join(lines)


def _row(standing: Standing, link: str | None, *, tiered: bool) -> str:
    measured = ""
    if found := standing.estimate:
        measured = f"{found.value:,.4g} \\[{found.low:,.4g}, {found.high:,.4g}\\]"
    score = f"{standing.score:g}"
    cells = [
        str(standing.rank),
        *([f"{standing.tier or ''}"] if tiered else []),
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
