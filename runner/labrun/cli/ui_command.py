"""``labrun ui``."""

import subprocess
import sys

import click

from labrun.app.recording import ui_server
from labrun.cli.settings import read_settings


@click.command("ui")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
def command(host: str, port: int) -> None:
    """Open MLflow on labrun's own store.

    Learners need no access to it; it shows every grade, report and leaderboard.
    """
    server = ui_server(read_settings(), host=host, port=port)
    click.echo(f"MLflow  http://{host}:{port}   stop with Ctrl-C", err=True)
    sys.exit(subprocess.run(server, check=False).returncode)
