"""``labrun start``."""

from pathlib import Path

import click

from labrun.app.catalogue import to_do_before
from labrun.app.start import start
from labrun.cli.live import Live
from labrun.cli.options import FOLDER, as_json, complete_labs, labs_root, learner
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json


@click.command("start")
@click.argument("lab", shell_complete=complete_labs)
@click.argument("folder", type=FOLDER, required=False)
@labs_root
@learner
@as_json
def command(
    lab: str, folder: Path | None, labs: Path | None, learner: str | None, *, as_json: bool
) -> None:
    """Start a lab: copy its starter and public data into a folder.

    LAB may be shortened as long as it is clear; FOLDER is the lab's name unless given.
    """
    settings = read_settings(labs=labs, learner=learner)
    made = start(lab, folder, settings=settings, progress=Live())
    root = made.workspace.root
    first = to_do_before(made.workspace.marker.lab, settings)
    if as_json:
        show_json(made.model_dump(mode="json") | {"first": [row.slug for row in first]})
        return
    for row in first:
        click.echo(f"first do  {row.slug}  {row.title}  ({row.problem or f'{row.minutes} min'})")
    for path in made.written:
        click.echo(f"  wrote  {root / path}")
    for path in made.kept:
        click.echo(f"  kept   {root / path}  (yours differs from the starter's)")
    click.echo(f"\nRead {root / 'README.md'}, work in {root}, then:")
    click.echo(f"  labrun check {root}     public checks, spends nothing")
    click.echo(f"  labrun submit {root}    graded for real")
