"""``labrun completion``."""

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of your shell.

    For bash, add to ~/.bashrc:  eval "$(labrun completion bash)"
    """
    from labrun.cli.main import labrun  # noqa: PLC0415  (main imports this module by name)

    kind = get_completion_class(shell)
    if kind is None:
        msg = f"click knows no completion for {shell!r}"
        raise click.UsageError(msg)
    click.echo(kind(labrun, {}, "labrun", "_LABRUN_COMPLETE").source())
