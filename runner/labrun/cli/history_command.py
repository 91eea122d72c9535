"""``labrun history``."""

import click

from labrun.app.views import history
from labrun.cli.options import as_json, complete_labs, learner
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json, table


@click.command("history")
@click.argument("lab", required=False, shell_complete=complete_labs)
@learner
@as_json
def command(lab: str | None, learner: str | None, *, as_json: bool) -> None:
    """List what you have handed in."""
    entries = history(lab, read_settings(learner=learner))
    if as_json:
        show_json([entry.model_dump(mode="json") for entry in entries])
        return
    if not entries:
        click.echo("nothing has been handed in yet; hand in with: labrun submit")
        return
    cells = [
        [
            entry.short,
            f"{entry.queued_at:%Y-%m-%d %H:%M}",
            entry.lab,
            entry.verdict or entry.state,
            "" if entry.score is None else f"{entry.score:g}",
            "counted" if entry.counted else "not counted",
            entry.message or "",
        ]
        for entry in entries
    ]
    click.echo(table(["ID", "WHEN (UTC)", "LAB", "RESULT", "SCORE", "", "MESSAGE"], cells))
