"""``labrun lab preview``."""

from pathlib import Path

import click

from labrun.app.lab_preview import lab_preview
from labrun.cli.live import Live
from labrun.cli.options import as_json, complete_labs, key, labs_root, sandbox
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json
from labrun.store.labs import find_lab
from labrun.store.workspace import write_whole

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("preview")
@click.argument("lab", shell_complete=complete_labs)
@click.option("--run", "run", is_flag=True, help="Hand in each cheat too.")
@click.option("--html", "html", type=FILE, help="Write a page to this file instead.")
@labs_root
@sandbox
@key
@as_json
def command(
    lab: str,
    labs: Path | None,
    sandbox: str | None,
    key: Path | None,
    html: Path | None,
    *,
    run: bool,
    as_json: bool,
) -> None:
    """Show exactly what a learner sees and gets.

    Files, README, tables, limits and checks, and what is told to who hands in the starter or the
    baseline; last, for you alone, the names of what learners do not get.
    """
    settings = read_settings(labs=labs, sandbox=sandbox, key=key)
    live = Live()
    folder = find_lab(settings.labs, lab)
    shown = lab_preview(folder, cheats=run, settings=settings, progress=live)
    live.done()
    from labrun.report.lab_preview import preview_html, preview_text  # noqa: PLC0415  (NumPy)

    if html:
        write_whole(html, preview_html(shown).encode())
        click.echo(f"wrote {html}", err=True)
    if as_json:
        show_json(shown.model_dump(mode="json", by_alias=True))
    elif not html:
        click.echo(preview_text(shown), nl=False)
