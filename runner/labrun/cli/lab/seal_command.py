"""``labrun lab seal``."""

import sys
from pathlib import Path

import click

from labrun.app.seal_check import Finding, look_for_leaks
from labrun.app.sealing import Sealed, seal
from labrun.cli.live import Live
from labrun.cli.options import FOLDER, as_json, complete_labs, key, labs_root
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json
from labrun.errors import UserError
from labrun.store.labs import find_lab


@click.command("seal")
@click.argument("lab", shell_complete=complete_labs)
@key
@click.option(
    "--new-key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Make a key, write it to this new file and seal with it.",
)
@click.option("--to", type=FOLDER, help="Write FOLDER/labs/<slug> and leave the lab as it is.")
@click.option("--check", is_flag=True, help="Seal nothing; look for what a seal left in the clear.")
@labs_root
@as_json
def command(
    lab: str,
    key: Path | None,
    new_key: Path | None,
    to: Path | None,
    labs: Path | None,
    *,
    check: bool,
    as_json: bool,
) -> None:
    """Encrypt what only graders may see, so that the lab can be published.

    lab.yaml, README.md, starter/, public/ and the public tables stay readable; everything else
    of the lab and its data set goes into sealed.labrun. Learners start and check the lab without
    the key; grading takes it. Whoever loses the key loses the lab.
    """
    if new_key and (key or check):
        msg = "--new-key goes neither with --key nor with --check"
        raise UserError(msg, help="run: labrun lab seal --help")
    settings = read_settings(labs=labs, key=key)
    folder = find_lab(settings.labs, lab)
    if check:
        found = look_for_leaks(folder, settings=settings, progress=Live())
        _show_findings(found, as_json=as_json)
        sys.exit(1 if any(each.leak for each in found) else 0)
    done = seal(folder, settings=settings, progress=Live(), to=to, new_key=new_key)
    if as_json:
        show_json(done.model_dump(mode="json"))
    else:
        _show(done, new_key)


def _show(done: Sealed, new_key: Path | None) -> None:
    click.echo(f"sealed {done.files} files ({done.bytes:,} bytes) of {done.lab} in {done.path}")
    click.echo(f"in the clear: {', '.join(done.clear)}")
    click.echo(f"key id {done.key_id}" + (f", written to {new_key}" if new_key else ""))
    if new_key:
        click.echo("keep that file safe, and a copy of it: without it nobody opens the lab")
    if done.still_clear:
        users = ", ".join(done.used_by)
        click.echo(f"still in the clear: {done.still_clear}, which {users} also uses", err=True)
    click.echo(f"before you publish it: labrun lab seal {done.lab} --check --key FILE")


def _show_findings(found: list[Finding], *, as_json: bool) -> None:
    if as_json:
        show_json([each.model_dump(mode="json") for each in found])
        return
    for each in found:
        click.echo(f"{'LEAK' if each.leak else 'warn'}  {each.path}: {each.what}")
    if not found:
        click.echo("nothing of what is sealed was found in the clear")
