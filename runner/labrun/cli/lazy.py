"""A group of commands that imports each command only when it runs."""

import importlib
from typing import Any

import click


class LazyGroup(click.Group):
    """Commands by module name; their short helps are known without importing them."""

    def __init__(
        self,
        *args: Any,
        commands_of: str = "",
        short_helps: dict[str, str] | None = None,
        **rest: Any,
    ) -> None:
        super().__init__(*args, **rest)
        self._package = commands_of
        self._short_helps = short_helps or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order a newcomer meets them."""
        del ctx
        return list(self._short_helps)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command."""
        del ctx
        if cmd_name not in self._short_helps:
            return None
        module = importlib.import_module(f"{self._package}.{cmd_name}_command")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was perhaps meant."""
        if args and args[0] not in self._short_helps:
            import difflib  # noqa: PLC0415  (only where a command is misspelt)

            close = difflib.get_close_matches(args[0], self._short_helps, n=1)
            hint = f", did you mean {close[0]!r}?" if close else ""
            msg = f"there is no command {args[0]!r}{hint}"
            raise click.UsageError(msg, ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(self._short_helps.items()))
