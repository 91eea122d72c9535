"""``labrun list``."""

from pathlib import Path

import click

from labrun.app.catalogue import catalogue
from labrun.cli.options import as_json, labs_root, learner
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json, table


@click.command("list")
@click.option("--track", help="Only the labs of this track.")
@labs_root
@learner
@as_json
def command(track: str | None, labs: Path | None, learner: str | None, *, as_json: bool) -> None:
    """List the labs, with what you have passed."""
    rows = catalogue(read_settings(labs=labs, learner=learner), track=track)
    if as_json:
        show_json([row.model_dump(mode="json") for row in rows])
        return
    cells = [
        [row.slug, row.title, row.track, f"{row.minutes} min", row.standing, row.problem or ""]
        for row in rows
    ]
    click.echo(table(["LAB", "TITLE", "TRACK", "TIME", "YOU", ""], cells))
    click.echo("\nBegin one with: labrun start LAB")
