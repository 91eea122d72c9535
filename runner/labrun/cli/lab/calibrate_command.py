"""``labrun lab calibrate``."""

import sys
from pathlib import Path

import click

from labrun.app.calibrate import calibrate
from labrun.cli.live import Live
from labrun.cli.options import as_json, complete_labs, jobs, labs_root, sandbox
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json
from labrun.report.calibration import calibration_text
from labrun.report.calibration_html import calibration_html
from labrun.store.labs import find_lab


@click.command("calibrate")
@click.argument("lab", shell_complete=complete_labs)
@click.option(
    "--seeds",
    default=5,
    show_default=True,
    type=click.IntRange(2, 99),
    help="How often to run each control.",
)
@jobs
@click.option(
    "--html",
    "html_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write a page with pictures to this file.",
)
@labs_root
@sandbox
@as_json
def command(
    lab: str,
    seeds: int,
    jobs: int,
    html_path: Path | None,
    labs: Path | None,
    sandbox: str | None,
    *,
    as_json: bool,
) -> None:
    """Measure a lab's controls over several seeds, and judge its marks.

    Runs the solution, the baseline and every cheat, and says how likely each is to pass, how far
    each mark is from them in standard errors, which marks would do, and how likely somebody is to
    pass whose model is truly this good. Writes calibration.json into the lab's folder, which you
    commit. Stopped and run again, it goes on. Exit code 1 if a control or a mark does not hold.
    """
    settings = read_settings(labs=labs, sandbox=sandbox)
    live = Live()
    done = calibrate(
        find_lab(settings.labs, lab), seeds=seeds, jobs=jobs, settings=settings, progress=live
    )
    live.done()
    made = done.calibration
    if html_path:
        html_path.write_text(calibration_html(made), encoding="utf-8")
    if as_json:
        show_json(made.model_dump(mode="json"))
    else:
        click.echo(calibration_text(made), nl=False)
        click.echo(f"written to {done.path}")
    held = all(each.holds for each in made.controls) and all(each.agrees for each in made.marks)
    sys.exit(0 if held else 1)
