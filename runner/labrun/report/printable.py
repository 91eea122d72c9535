"""Text that learners and authors wrote, made safe to show."""

import enum
import re
from typing import Any, TypeVar

from labrun.domain.record import Record

R = TypeVar("R", bound=Record)

MOST = 8_000
ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor moves
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # window titles, hyperlinks
    r"|\x1b[ -/]*[0-~]"
)


def printable(text: str, most: int = MOST) -> str:
    """Return ``text`` without terminal sequences, control and bidi characters, cut in the middle.

    Lines and tabs stay. The two ends are kept because a log says how it began and how it ended.
    """
    text = _bounded(text, 4 * most)  # what is thrown away need not be looked at
    text = ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _bounded("".join(map(_character, text)), most)


def one_line(text: str, most: int = 400) -> str:
    """Return ``text`` on one line, for a table or a column."""
    return " ".join(printable(text, most).split())


def cleaned(record: R) -> R:
    """Return ``record`` with every text in it printable and bounded."""
    return record.model_copy(update={name: _cleaned(value) for name, value in record})


def _cleaned(value: Any) -> Any:
    match value:
        case enum.Enum():
            found: Any = value  # a StrEnum is a str, but ours
        case str():
            found = printable(value)
        case Record():
            found = cleaned(value)
        case tuple():
            found = tuple(map(_cleaned, value))
        case dict():
            found = {_cleaned(key): _cleaned(inner) for key, inner in value.items()}
        case _:
            found = value
    return found


def _character(character: str) -> str:
    # str.isprintable() refuses controls, bidi marks, lone surrogates and what XML cannot hold.
    if character.isprintable() or character in "\n\t":
        return character
    return " " if character.isspace() else ""


def _bounded(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    half = most // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]} … ({left_out:,} characters left out) … {text[-half:]}"
