"""``labrun clean``."""

import click

from labrun.app.clean import clean
from labrun.cli.live import Live
from labrun.cli.options import as_json
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json


@click.command("clean")
@click.option("--data", is_flag=True, help="Also remove prepared data sets; they are made again.")
@as_json
def command(*, data: bool, as_json: bool) -> None:
    """Remove left-over containers and what can be made again.

    Grades, evidence that a grade refers to, and submissions are never removed.
    """
    freed = clean(read_settings(), data=data, progress=Live())
    if as_json:
        show_json(freed.model_dump())
        return
    click.echo(f"containers removed  {freed.containers}")
    click.echo(f"evidence removed    {freed.blobs} files no grade refers to")
    click.echo(f"data sets removed   {freed.datasets}")
