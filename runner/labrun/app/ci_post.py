"""Post: tell a forge of a report that lies in a folder, without the code or the key of a lab."""

from pathlib import Path

from labrun.app.ci_files import read_report
from labrun.forge.base import Forge, News, Posted
from labrun.report.ci_summary import MARKER, comment


def post_report(folder: Path, forge: Forge, *, url: str | None) -> Posted:
    """Tell of the report in ``folder``; ``url`` is where the run can be looked at."""
    report = read_report(folder)
    return forge.post(
        News(
            commit=report.pull.head,
            state=report.state,
            headline=report.headline,
            comment=comment(report),
            marker=MARKER,
            url=url,
        )
    )
