"""``labrun doctor``."""

import sys

import click

from labrun.app.doctor import examine
from labrun.cli.options import as_json
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json


@click.command("doctor")
@as_json
def command(*, as_json: bool) -> None:
    """Test this machine and the sandbox's walls.

    The walls are tried from inside a real container, with the settings every submission gets.
    """
    found = []
    for finding in examine(read_settings()):
        found.append(finding)
        if not as_json:
            sign = {"ok": "ok  ", "warning": "warn", "failed": "FAIL"}[finding.state]
            click.echo(f"{sign}  {finding.name}: {finding.detail}")
            if finding.help:
                click.echo(f"      help: {finding.help}")
    if as_json:
        show_json([finding.model_dump() for finding in found])
    sys.exit(4 if any(finding.state == "failed" for finding in found) else 0)
