"""What the commands of ``labrun ci`` share: which commits are meant, and how a report is shown."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from labrun.app.ci_course import Asked
from labrun.app.ci_files import write_report_files
from labrun.cli.options import FOLDER
from labrun.cli.settings import plain_name
from labrun.domain.ci_report import Report
from labrun.report.as_json import ascii_json
from labrun.report.ci_summary import summary

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

out = click.option(
    "--out", type=FOLDER, help="Also write report, summary, comment, JUnit and badge there."
)
only = click.option("--only", metavar="FOLDER", help="Only this folder of the pull request.")
_OPTIONS = (
    click.option("--base", required=True, metavar="REF", help="What it is to be merged into."),
    click.option(
        "--trusted", metavar="REF", help="Whose labs and rules hold.  [default: the base]"
    ),
    click.option(
        "--head", default="HEAD", show_default=True, metavar="REF", help="What is handed in."
    ),
    click.option("--account", metavar="NAME", help="Who opened it, as the forge says."),
    click.option(
        "--repository",
        type=FOLDER,
        default=".",
        show_default=True,
        help="A clone that holds these commits; bare will do.",
    ),
)


def pull_request(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which commits are meant."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asked(options: dict[str, Any], labs: Path | None, only: str | None = None) -> Asked:
    """Return what the options of `pull_request` mean."""
    account = options["account"]
    return Asked(
        repository=options["repository"],
        base=options["base"],
        trusted=options["trusted"] or options["base"],
        head=options["head"],
        account=plain_name(account) if account else None,
        labs=labs.resolve() if labs else None,
        only=only,
    )


def show_report(report: Report, folder: Path | None, *, as_json: bool) -> None:
    """Write the files of a report and print it: JSON, or its one line where there are files.

    That line holds nothing a learner wrote: a runner's log may take what it reads for commands.
    """
    if folder:
        write_report_files(report, folder)
    if as_json:
        click.echo(ascii_json(report), nl=False)
    else:
        click.echo(report.headline if folder else summary(report).rstrip())
