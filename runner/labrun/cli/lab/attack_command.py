"""``labrun lab attack``."""

import sys
from pathlib import Path

import click

from labrun.app.attack import Attacked, attack, chosen
from labrun.app.progress import Progress, Silence
from labrun.cli.live import Live
from labrun.cli.options import as_json, complete_labs, key, labs_root
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json
from labrun.store.labs import find_lab


@click.command("attack")
@click.argument("name", metavar="LAB", shell_complete=complete_labs)
@click.option(
    "--only", multiple=True, metavar="CLASS|CASE", help="Try only these; may be repeated."
)
@labs_root
@key
@as_json
def command(
    name: str, only: tuple[str, ...], labs: Path | None, key: Path | None, *, as_json: bool
) -> None:
    """Grade hostile submissions made from a lab's solution, and see that none gets far.

    Each piece of hostile code is grafted onto the solution where the lab calls it. An attack is
    held if it does not pass, tells nothing hidden, and leaves nothing behind. Endless ones get a
    shorter limit than the lab's. Exit code 0 means that every attack was held.
    """
    corpus = chosen(only)
    settings = read_settings(labs=labs, key=key)
    folder = find_lab(settings.labs, name)
    live = Live()
    progress: Progress = live if sys.stderr.isatty() else Silence()
    tried: list[Attacked] = []
    for each in attack(folder, corpus, settings=settings, progress=progress):
        tried.append(each)
        live.done()
        shown = f"[{len(tried)}/{len(corpus) + 1}] {_line(each)}"
        click.echo(shown, err=as_json)
    if as_json:
        show_json([each.model_dump(mode="json") for each in tried])
    else:
        click.echo(_summary(tried, folder.name))
    sys.exit(0 if all(each.held for each in tried) else 1)


def _line(each: Attacked) -> str:
    sign = ("held    " if each.tried else "no place") if each.held else "NOT HELD"
    detail = f"  {each.detail}" if each.tried or not each.held else ""
    return f"{sign}  {each.name}{detail}  ({each.seconds:g} s)"


def _summary(tried: list[Attacked], lab: str) -> str:
    failed = [each for each in tried if not each.held]
    if not failed:
        counted = sum(each.tried for each in tried) - 1
        return f"{lab} held against {counted} attacks"
    return "\n".join((f"{lab} did not hold:", *(f"  {each.name}: {each.why}" for each in failed)))
