"""``labrun record``."""

import sys

import click

from labrun.app.recording import record_pending
from labrun.cli.options import as_json
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json


@click.command("record")
@as_json
def command(*, as_json: bool) -> None:
    """Send grades that wait in the outbox to MLflow."""
    done = list(record_pending(read_settings()))
    if as_json:
        show_json([each.model_dump(mode="json") for each in done])
    else:
        for each in done:
            click.echo(f"{each.submission[-6:]}  {each.run_url or f'not recorded: {each.error}'}")
        if not done:
            click.echo("nothing waits")
    sys.exit(4 if any(each.error for each in done) else 0)
