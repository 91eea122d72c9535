"""``labrun lab validate``."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from labrun.app.exam_ready import validate_for_exam
from labrun.app.settings import Settings
from labrun.app.validate import Step, validate
from labrun.cli.live import Live
from labrun.cli.options import as_json, complete_labs, key, labs_root, sandbox
from labrun.cli.places import labs_named
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json
from labrun.errors import LabError


@click.command("validate")
@click.argument("names", nargs=-1, metavar="[LAB…]", shell_complete=complete_labs)
@click.option("--exam", is_flag=True, help="Also prove that each lab may decide an exam.")
@labs_root
@sandbox
@key
@as_json
def command(
    names: tuple[str, ...],
    labs: Path | None,
    sandbox: str | None,
    key: Path | None,
    *,
    exam: bool,
    as_json: bool,
) -> None:
    """Check that each lab holds: files, hashes, and the result of every control.

    The solution must pass, the baseline must fail, each cheat must stop at the check that
    lab.yaml names for it, and nothing hidden may be within reach of a container. Every lab of
    the folder is tried unless some are named.

    With --exam, its marks must also be clear of solution and baseline by two standard errors, as
    calibration.json has them measured, on enough hidden rows; a constant must earn nothing; and
    grading again must give the same bytes. A lab that lab.yaml keeps for practice only says so.
    """
    settings = read_settings(labs=labs, sandbox=sandbox, key=key)
    live = Live()
    steps: list[Step] = []
    for folder in labs_named(names, settings):
        for step in _tried(folder, settings, live, exam=exam):
            steps.append(step)
            if not as_json:
                live.done()
                sign = "ok  " if step.passed else "FAIL"
                click.echo(f"{sign}  {step.lab}  {step.name}: {step.detail}")
    if as_json:
        show_json([step.model_dump() for step in steps])
    sys.exit(0 if all(step.passed for step in steps) else 1)


def _tried(folder: Path, settings: Settings, live: Live, *, exam: bool) -> Iterator[Step]:
    prove = validate_for_exam if exam else validate
    try:
        yield from prove(folder, settings=settings, progress=live)
    except LabError as error:
        detail = f"{error} (help: {error.help})" if error.help else str(error)
        yield Step(lab=folder.name, name="lab.yaml", passed=False, detail=detail)
