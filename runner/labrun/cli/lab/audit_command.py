"""``labrun lab audit``."""

import sys
from pathlib import Path

import click

from labrun.app.audit import audit
from labrun.cli.live import Live
from labrun.cli.options import as_json, complete_labs, key, labs_root
from labrun.cli.places import labs_named
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json
from labrun.domain.audit import Flaw, Severity

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: None}


@click.command("audit")
@click.argument("names", nargs=-1, metavar="[LAB…]", shell_complete=complete_labs)
@click.option("--exam", is_flag=True, help="Hold labs for practice to what an exam needs.")
@labs_root
@key
@as_json
def command(
    names: tuple[str, ...], labs: Path | None, key: Path | None, *, exam: bool, as_json: bool
) -> None:
    """Look for leaks and other faults in data and lab.

    Every lab of the folder is looked at unless some are named. Exit code 1 means that there is
    an error that lab.yaml does not allow, with a reason, under audit.
    """
    settings = read_settings(labs=labs, key=key)
    live = Live()
    found: list[Flaw] = []
    for folder in labs_named(names, settings):
        flaws = audit(folder, settings=settings, progress=live, exam=exam)
        live.done()
        if not as_json:
            _show(folder.name, flaws)
        found += flaws
    if as_json:
        show_json([flaw.model_dump() for flaw in found])
    bad = any(flaw.severity is Severity.ERROR and flaw.allowed is None for flaw in found)
    sys.exit(1 if bad else 0)


def _show(lab: str, flaws: list[Flaw]) -> None:
    click.echo(f"{lab}: {_counted(flaws)}")
    for flaw in flaws:
        sign = "allowed" if flaw.allowed else str(flaw.severity)
        colour = None if flaw.allowed else COLOURS[flaw.severity]
        click.echo(f"  {click.style(f'{sign:<7}', fg=colour)}  {flaw.name}  {flaw.where}")
        click.echo(f"           {flaw.says}")
        said = f"allowed: {flaw.allowed}" if flaw.allowed else f"to do: {flaw.help}"
        click.echo(f"           {said}")


def _counted(flaws: list[Flaw]) -> str:
    counts = []
    for severity in Severity:
        count = sum(flaw.severity is severity and not flaw.allowed for flaw in flaws)
        if count:
            counts.append(f"{count} {severity}{'' if count == 1 else 's'}")
    allowed = sum(bool(flaw.allowed) for flaw in flaws)
    counts += [f"{allowed} allowed"] if allowed else []
    return ", ".join(counts) or "nothing found"
