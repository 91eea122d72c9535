"""``labrun leaderboard``."""

from pathlib import Path

import click

from labrun.app.views import leaderboard, runs_table_url
from labrun.cli.options import as_json, complete_labs, labs_root
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json
from labrun.report.leaderboard import board_text


@click.command("leaderboard")
@click.argument("lab", shell_complete=complete_labs)
@click.option("--open", "open_", is_flag=True, help="Open the runs table in MLflow.")
@labs_root
@as_json
def command(lab: str, labs: Path | None, *, open_: bool, as_json: bool) -> None:
    """Rank the learners of a lab.

    The best submission of each, ties to the earliest; unofficial runs stand apart.
    """
    settings = read_settings(labs=labs)
    board = leaderboard(lab, settings)
    if open_:
        url = runs_table_url(board.lab, settings)
        click.echo(f"MLflow  {url}   (start it with: labrun ui)")
        click.launch(url)
        return
    if as_json:
        show_json(board.model_dump(mode="json"))
        return
    click.echo(board_text(board), nl=False)
