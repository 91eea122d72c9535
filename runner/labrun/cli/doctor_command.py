"""``labrun doctor``."""

import sys

import click

from labrun.app.doctor import examine, summary
from labrun.app.finding import Finding
from labrun.cli.options import as_json, sandbox
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json

SIGNS = {"ok": "ok  ", "warning": "warn", "failed": "FAIL"}


@click.command("doctor")
@sandbox
@as_json
def command(sandbox: str | None, *, as_json: bool) -> None:
    """Test this machine and the sandbox's walls.

    The walls are tried from inside a real container, with the settings every submission gets. An
    exam is refused where one does not hold. Exit code 4 if anything failed.
    """
    findings = []
    for finding in examine(read_settings(sandbox=sandbox)):
        findings.append(finding)
        if not as_json:
            _show(finding)
    told = summary(findings)
    if as_json:
        show_json({**told.model_dump(), "findings": [each.model_dump() for each in findings]})
    else:
        click.echo(f"\n{told.sentence}")
    sys.exit(4 if told.failed else 0)


def _show(finding: Finding) -> None:
    click.echo(f"{SIGNS[finding.state]}  {finding.name}: {finding.detail}")
    if finding.help:
        click.echo(f"      help: {finding.help}")
