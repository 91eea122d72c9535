"""``labrun result``."""

import sys
from pathlib import Path

import click

from labrun.app.views import result_of_submission, trainers_copy
from labrun.cli.options import as_json, output_format
from labrun.cli.settings import read_settings
from labrun.cli.show import exit_code, show_result
from labrun.domain.result import Result


@click.command("result")
@click.argument("submission")
@output_format
@as_json
@click.option(
    "--trainer", is_flag=True, help="With what an exam withholds; for trainers, who own the home."
)
@click.option("--open", "open_", is_flag=True, help="Open the HTML report in a browser.")
def command(submission: str, format_: str, *, as_json: bool, trainer: bool, open_: bool) -> None:
    """Show the result of a submission again.

    SUBMISSION is its id, or as much of its end as is clear; labrun history lists them.
    """
    settings = read_settings()
    find = trainers_copy if trainer else result_of_submission
    result = find(submission, settings)
    if open_:
        _open(result, settings.home / "reports")
        return
    show_result(result, "json" if as_json else format_)
    sys.exit(exit_code(result))


def _open(result: Result, reports: Path) -> None:
    from labrun.app.recording import write_report  # noqa: PLC0415  (draws plots, which is slow)

    path = write_report(result, reports)
    click.echo(f"report  {path}")
    click.launch(path.as_uri())
