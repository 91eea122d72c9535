"""``labrun history``."""

from collections.abc import Sequence
from typing import Any

import click

from labrun.app.views import earlier_results, history
from labrun.cli.options import as_json, complete_labs, learner
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json, table
from labrun.store.ledger_records import Earlier, Entry


@click.command("history")
@click.argument("lab", required=False, shell_complete=complete_labs)
@learner
@as_json
def command(lab: str | None, learner: str | None, *, as_json: bool) -> None:
    """List what you have handed in."""
    settings = read_settings(learner=learner)
    entries = history(lab, settings)
    earlier = earlier_results(entries, settings)
    if as_json:
        show_json([_json(entry, earlier[entry.id]) for entry in entries])
        return
    if not entries:
        click.echo("nothing has been handed in yet; hand in with: labrun submit")
        return
    cells = [row for entry in entries for row in _rows(entry, earlier[entry.id])]
    click.echo(table(["ID", "WHEN (UTC)", "LAB", "RESULT", "SCORE", "", "MESSAGE"], cells))


def _json(entry: Entry, earlier: Sequence[Earlier]) -> dict[str, Any]:
    replaced = [each.model_dump(mode="json", exclude={"evidence"}) for each in earlier]
    return entry.model_dump(mode="json") | {"earlier": replaced}


def _rows(entry: Entry, earlier: Sequence[Earlier]) -> list[list[str]]:
    """Return a row for what counts, and one for each result that a regrade replaced."""
    counts = [
        entry.short,
        f"{entry.queued_at:%Y-%m-%d %H:%M}",
        entry.lab,
        entry.verdict or entry.state,
        "" if entry.score is None else f"{entry.score:g}",
        "counted" if entry.counted else "not counted",
        entry.message or "",
    ]
    return [counts, *(_replaced(each) for each in earlier)]


def _replaced(each: Earlier) -> list[str]:
    score = "" if each.score is None else f"{each.score:g}"
    note = f"regraded {each.superseded_at:%Y-%m-%d %H:%M}"
    return ["", f"{each.at:%Y-%m-%d %H:%M}", "", each.verdict or "system-error", score, note, ""]
