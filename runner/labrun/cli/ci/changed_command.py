"""``labrun ci changed``."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from labrun.app.ci import changed
from labrun.cli.ci_options import asked, pull_request
from labrun.cli.options import labs_root
from labrun.cli.settings import read_settings
from labrun.cli.show import table
from labrun.domain.ci_report import PASSED, REFUSED
from labrun.domain.pull_request import PullRequest
from labrun.report.as_json import ascii_json
from labrun.report.printable import one_line


@click.command("changed")
@pull_request
@labs_root
@click.option("--json", "shape", flag_value="json", help="Print JSON for other programs.")
@click.option("--matrix", "shape", flag_value="matrix", help="Print a job matrix, on one line.")
def command(labs: Path | None, shape: str | None, **options: Any) -> None:
    """Say which labs and learners a pull request touches.

    Nothing is checked out and nothing is run. Exit code 3 where it changes what it may not:
    then the matrix is empty.
    """
    pull = changed(asked(options, labs), read_settings(labs=labs))
    shown = {"json": _json, "matrix": _matrix}.get(shape or "", _text)
    click.echo(shown(pull))
    sys.exit(REFUSED if pull.refused else PASSED)


def _json(pull: PullRequest) -> str:
    return ascii_json(pull).rstrip()


def _matrix(pull: PullRequest) -> str:
    works = () if pull.refused else pull.works
    rows = [{"folder": each.folder, "lab": each.lab, "learner": each.learner} for each in works]
    return json.dumps({"include": rows})


def _text(pull: PullRequest) -> str:
    lines = [f"REFUSED  {one_line(each.path)} {each.says}; {each.help}" for each in pull.problems]
    rows = [
        (each.folder or ".", each.lab, each.learner, f"{len(each.changed)}") for each in pull.works
    ]
    if rows:
        shown = [[one_line(cell) for cell in row] for row in rows]
        lines.append(table(("FOLDER", "LAB", "LEARNER", "FILES"), shown))
    return "\n".join(lines) or "no learner's folder is touched"
