"""``labrun check``."""

import sys
import time
from pathlib import Path

import click

from labrun.app.check import check
from labrun.app.settings import Settings
from labrun.cli.live import Live
from labrun.cli.options import WORK, as_json, labs_root, output_format, sandbox
from labrun.cli.places import Place, place_of
from labrun.cli.settings import read_settings
from labrun.cli.show import exit_code, show_result
from labrun.domain.result import Result
from labrun.errors import LabrunError

HANDED_IN = frozenset({".py", ".ipynb", ".csv", ".parquet", ".onnx"})  # what `--watch` looks at
WATCH_SECONDS = 1.0


@click.command("check")
@click.argument("folder", type=WORK, default=".")
@click.option("--lab", help="The lab, where the folder was not made by labrun start.")
@click.option("--only", multiple=True, metavar="ID", help="Run only this check; may be repeated.")
@click.option("--watch", is_flag=True, help="Run again whenever a file changes.")
@output_format
@as_json
@labs_root
@sandbox
def command(
    folder: Path,
    lab: str | None,
    only: tuple[str, ...],
    format_: str,
    labs: Path | None,
    sandbox: str | None,
    *,
    watch: bool,
    as_json: bool,
) -> None:
    """Run the public checks, in the same sandbox; spends nothing.

    FOLDER holds your work: this folder unless given; or an archive of it (.zip, .tar, .tar.gz).
    """
    settings = read_settings(labs=labs, sandbox=sandbox)
    place = place_of(folder, lab, settings)
    shown = "json" if as_json else format_
    if watch:
        _watch(place, settings, only, shown)
    result = _once(place, settings, only, shown)
    sys.exit(exit_code(result))


def _once(place: Place, settings: Settings, only: tuple[str, ...], format_: str) -> Result:
    live = Live()
    result = check(place.lab, place.code, settings=settings, progress=live, only=only)
    live.done()
    show_result(result, format_)
    return result


def _watch(place: Place, settings: Settings, only: tuple[str, ...], format_: str) -> None:
    seen: dict[str, float] = {}
    while True:
        now = _times(place.code)
        if now != seen:
            seen = now
            try:
                _once(place, settings, only, format_)
            except LabrunError as error:  # while someone is typing, a file may well be wrong
                click.secho(f"error: {error}", fg="red", err=True)
            click.echo("waiting for a change; stop with Ctrl-C", err=True)
        time.sleep(WATCH_SECONDS)


def _times(folder: Path) -> dict[str, float]:
    found = {}
    for path in folder.rglob("*"):
        if path.suffix in HANDED_IN and not any(
            part.startswith(".") for part in path.relative_to(folder).parts
        ):
            found[str(path)] = path.stat().st_mtime
    return found
