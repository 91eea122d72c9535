"""``labrun lab open``."""

from pathlib import Path

import click

from labrun.app.sealing import open_lab
from labrun.cli.live import Live
from labrun.cli.options import FOLDER, as_json, complete_labs, key, labs_root
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json
from labrun.store.labs import find_lab


@click.command("open")
@click.argument("lab", shell_complete=complete_labs)
@key
@click.option("--to", type=FOLDER, help="Write FOLDER/labs and FOLDER/datasets instead.")
@labs_root
@as_json
def command(
    lab: str, key: Path | None, to: Path | None, labs: Path | None, *, as_json: bool
) -> None:
    """Give a sealed lab the form its author wrote.

    In place unless --to says where. No file that is there with other bytes is overwritten: then
    nothing is written at all.
    """
    settings = read_settings(labs=labs, key=key)
    done = open_lab(find_lab(settings.labs, lab), settings=settings, progress=Live(), to=to)
    if as_json:
        show_json(done.model_dump(mode="json"))
        return
    placed = done.placed
    click.echo(
        f"opened {done.lab} in {done.folder}: {len(placed.written)} files written, "
        f"{len(placed.unchanged)} were there"
    )
