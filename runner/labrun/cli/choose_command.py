"""``labrun choose``."""

from pathlib import Path

import click

from labrun.app.close import choose
from labrun.cli.options import as_json, labs_root, learner
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json


@click.command("choose")
@click.argument("submission")
@labs_root
@learner
@as_json
def command(submission: str, labs: Path | None, learner: str | None, *, as_json: bool) -> None:
    """Choose which submission counts when its lab is closed.

    SUBMISSION is its id, or as much of its end as is clear. Without a choice the last one counts.
    """
    entry = choose(submission, read_settings(labs=labs, learner=learner))
    if as_json:
        show_json(entry.model_dump(mode="json"))
        return
    click.echo(f"submission {entry.short} will count when {entry.lab} is closed")
