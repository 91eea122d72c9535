"""Print results and records the way the caller asked for."""

import json
import sys
from collections.abc import Sequence
from typing import Any

import click

from labrun.cli.settings import wants_colour
from labrun.domain.result import Result, Status


def show_result(result: Result, format_: str) -> None:
    """Print a result in one of the report formats; colour only on a terminal that wants it."""
    from labrun.report import FORMATS  # noqa: PLC0415  (each format is imported when it is used)

    if format_ == "text" and wants_colour() and sys.stdout.isatty():
        from labrun.report.as_text import coloured  # noqa: PLC0415  (see above)

        click.echo(coloured(result), nl=False)
        return
    click.echo(FORMATS[format_](result), nl=False)


def exit_code(result: Result) -> int:
    """Return the exit code a result stands for."""
    if result.status is Status.GRADED:
        return 0 if result.verdict == "passed" else 1
    return 2 if result.status is Status.INVALID else 4


def show_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, default=str, ensure_ascii=False))


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return aligned columns; numbers and text alike stand to the left, as they are short."""
    every = [list(headers), *[list(row) for row in rows]]
    widths = [max(len(row[column]) for row in every) for column in range(len(headers))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in every
    ]
    return "\n".join(lines)
