"""``labrun ci post``."""

from pathlib import Path
from typing import Literal

import click

from labrun.app.ci_post import post_report
from labrun.cli.forge_settings import read_job

SAID = {
    "created": "comment written",
    "updated": "comment updated",
    "outdated": "a newer commit is there, and the comment is left to its run",
}


@click.command("post")
@click.argument("folder", type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.option("--forge", type=click.Choice(["github", "gitlab"]), required=True)
@click.option("--number", type=click.IntRange(1), help="The pull request's number.")
def command(folder: Path, forge: Literal["github", "gitlab"], number: int | None) -> None:
    """Tell the forge of a report: one comment, kept current, and a status.

    FOLDER is what was given to --out. The token is read from LABRUN_FORGE_TOKEN, the rest from
    what the forge sets in a job. No lab and no learner's file is read.
    """
    job = read_job(forge, number)
    done = post_report(folder, job.open(), url=job.url)
    click.echo(f"{SAID[done.comment]}{'; status set' if done.status else ''}")
