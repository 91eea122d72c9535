"""``labrun ci init``."""

from pathlib import Path
from typing import Literal

import click

from labrun.app.ci_init import write_ci


@click.command("init")
@click.argument(
    "folder", type=click.Path(file_okay=False, exists=True, path_type=Path), default="."
)
@click.option("--forge", type=click.Choice(["github", "gitlab"]), required=True)
@click.option(
    "--labrun",
    "source",
    required=True,
    metavar="OWNER/REPOSITORY@COMMIT",
    help="Which labrun the jobs use; 40 digits say which commit.",
)
def command(folder: Path, forge: Literal["github", "gitlab"], source: str) -> None:
    """Write the workflows and the settings of a course into its repository.

    FOLDER is the repository of the course. A file that is there already is never changed.
    """
    for path in write_ci(folder, forge, source):
        click.echo(f"  wrote  {path}")
