"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
FOLDER = click.Path(file_okay=False, path_type=Path)
WORK = click.Path(path_type=Path)  # a folder or an archive
FORMATS = ("text", "json", "html", "markdown", "junit")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for other programs.")
labs_root = click.option(
    "--labs", "labs", type=FOLDER, help="The folder of labs. [default: LABRUN_LABS, else ./labs]"
)
learner = click.option("--learner", help="Who hands in. [default: LABRUN_LEARNER, else your login]")
sandbox = click.option(
    "--sandbox",
    help="docker, or process: no isolation, results say unofficial.  [default: docker]",
)
exam = click.option(
    "--exam",
    is_flag=True,
    help="As an exam: learners are told outcomes and points only.  [default: LABRUN_MODE]",
)
key = click.option(
    "--key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The key of a sealed lab.  [default: LABRUN_LAB_KEY, else LABRUN_LAB_KEY_FILE]",
)
jobs = click.option(
    "-j",
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="How many to run at a time.",
)
output_format = click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How to print the result.",
)


def complete_labs(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the labs whose slug begins so, for shell completion."""
    from labrun.cli.settings import read_settings  # noqa: PLC0415  (only completion needs it)

    root = read_settings().labs
    return sorted(
        path.parent.name
        for path in root.glob("*/lab.yaml")
        if path.parent.name.startswith(incomplete)
    )
