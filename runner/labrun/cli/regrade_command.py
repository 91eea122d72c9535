"""``labrun regrade``."""

import sys
from pathlib import Path

import click

from labrun.app.recording import Recorder
from labrun.app.regrade import Order, proposal, propose, publish
from labrun.app.settings import Settings
from labrun.cli.live import Live
from labrun.cli.options import as_json, complete_labs, jobs, key, labs_root, sandbox
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json
from labrun.domain.regrade import Change, Proposal
from labrun.domain.result import How
from labrun.report.regrade import proposal_text
from labrun.store.labs import find_lab

OURS = (Change.FAILED, Change.UNREADABLE)
YOURS = (Change.NEEDS_RERUN, Change.LAB_FAULT)


@click.command("regrade")
@click.argument("lab", shell_complete=complete_labs)
@click.option("--rescore", is_flag=True, help="Judge the stored evidence again; runs nothing.")
@click.option("--rerun", is_flag=True, help="Run the stored files again, and judge that.")
@click.option("--publish", "regrade", metavar="ID", help="Let what rises in regrade ID count.")
@click.option("--reason", help="What was wrong, for those whose result rises; with --publish.")
@click.option("--dry-run", is_flag=True, help="Publish nothing: so it is without --publish.")
@click.option("--only", multiple=True, metavar="LEARNER|ID", help="Only this one; may be repeated.")
@jobs
@labs_root
@sandbox
@key
@as_json
def command(
    lab: str,
    regrade: str | None,
    reason: str | None,
    only: tuple[str, ...],
    jobs: int,
    labs: Path | None,
    sandbox: str | None,
    key: Path | None,
    *,
    rescore: bool,
    rerun: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Grade what was handed in again, after a mistake in a lab.

    First --rescore or --rerun says who would change, and by how much; nothing changes by that.
    Then --publish lets what rises count. Nothing is ever lowered, and no attempt is spent. Exit
    code 4 if labrun could not regrade a submission, 2 if one needs --rerun or its lab is wrong.
    """
    settings = read_settings(labs=labs, sandbox=sandbox, key=key)
    if rescore + rerun + (regrade is not None) != 1:
        msg = "say one of --rescore, --rerun and --publish ID"
        raise click.UsageError(msg)
    folder = find_lab(settings.labs, lab)
    if regrade is None:
        how = How.RESCORE if rescore else How.RERUN
        _propose(Order(lab=folder, how=how, only=only, jobs=jobs), settings, as_json=as_json)
    if reason is None and not dry_run:
        msg = "--publish needs --reason TEXT: what was wrong with the lab"
        raise click.UsageError(msg)
    if only:
        msg = "--publish takes a whole regrade; give --only to --rescore or --rerun"
        raise click.UsageError(msg)
    if dry_run:
        _show(proposal(folder, regrade or "", settings, Live()), as_json=as_json)
    else:
        _publish(folder, regrade or "", settings, reason or "", as_json=as_json)


def _propose(order: Order, settings: Settings, *, as_json: bool) -> None:
    live = Live()
    found = propose(order, settings, live)
    live.done()
    if found is None:
        if as_json:
            show_json(None)
        else:
            click.echo("nothing to regrade: nothing has been graded on this lab yet")
        sys.exit(0)
    _show(found, as_json=as_json)
    if not as_json:
        click.echo(_next(found))
    sys.exit(_code(found))


def _publish(lab: Path, regrade: str, settings: Settings, reason: str, *, as_json: bool) -> None:
    with Recorder(settings) as recorder:
        done = publish(lab, regrade, settings, Live(), reason=reason)
        rose = done.having(Change.RISES)
        recorded = recorder.record_all() if rose else []
    if as_json:
        _show(done, as_json=True)
        return
    for item in rose:
        click.echo(f"{item.learner}  {item.submission[-6:]}  published")
    click.echo(f"{len(rose)} published; every other result stays as it was")
    for each in recorded:
        if each.error:
            click.echo(f"MLflow  {each.submission[-6:]} not recorded yet: {each.error}", err=True)


def _show(found: Proposal, *, as_json: bool) -> None:
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        click.echo(proposal_text(found), nl=False)


def _next(found: Proposal) -> str:
    if found.waiting or found.having(Change.FAILED):
        return f"not finished; go on with: labrun regrade {found.lab} --{found.how}"
    if not found.having(Change.RISES):
        return "no result would rise: there is nothing to publish"
    publish = f"labrun regrade {found.lab} --publish {found.short} --reason TEXT"
    return f"nothing is published yet; publish what rises with: {publish}"


def _code(found: Proposal) -> int:
    changes = {item.change for item in found.items}
    if changes & set(OURS) or found.waiting:
        return 4
    return 2 if changes & set(YOURS) else 0
