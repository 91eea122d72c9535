"""``labrun close``."""

from pathlib import Path

import click

from labrun.app.close import close
from labrun.cli.live import Live
from labrun.cli.options import as_json, complete_labs, key, labs_root
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json
from labrun.report.leaderboard import board_text


@click.command("close")
@click.argument("lab", shell_complete=complete_labs)
@labs_root
@key
@as_json
def command(lab: str, labs: Path | None, key: Path | None, *, as_json: bool) -> None:
    """Close a lab and grade finally, on the rows kept for it.

    For labs with grading.feedback. Of each learner the submission chosen counts, else the last.
    Nothing is run again, nothing more can be handed in, and the leaderboard becomes final.
    """
    live = Live()
    closed = close(lab, read_settings(labs=labs, key=key), live)
    live.done()
    if as_json:
        show_json({"at": closed.at.isoformat(), "board": closed.board.model_dump(mode="json")})
        return
    click.echo(f"closed at {closed.at:%Y-%m-%d %H:%M} UTC")
    click.echo(board_text(closed.board), nl=False)
