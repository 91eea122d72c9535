"""``labrun ci check``."""

import sys
from pathlib import Path
from typing import Any

import click

from labrun.app.ci import check_pull_request
from labrun.cli.ci_options import asked, only, out, pull_request, show_report
from labrun.cli.live import Live
from labrun.cli.options import as_json, labs_root, sandbox
from labrun.cli.settings import read_settings


@click.command("check")
@pull_request
@only
@out
@labs_root
@sandbox
@as_json
def command(
    only: str | None,
    out: Path | None,
    labs: Path | None,
    sandbox: str | None,
    *,
    as_json: bool,
    **options: Any,
) -> None:
    """Run the public checks on what a pull request hands in.

    Labs come from the trusted commit. Nothing hidden is needed, no secret, and nothing is kept.
    """
    settings = read_settings(labs=labs, sandbox=sandbox)
    live = Live()
    report = check_pull_request(asked(options, labs, only), settings, live)
    live.done()
    show_report(report, out, as_json=as_json)
    sys.exit(report.code)
