"""A table of predictions that was handed in: read strictly, and put in the order of the questions.

A file of commas and text cannot run anything. Other formats are opened in a sandbox, and what
comes out is held against the same rules.
"""

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

Kind = Literal["number", "text"]
Cell = str | float | int | bool | None
Table = Mapping[str, Sequence[Cell]]

MAX_ROWS = 1_000_000
MAX_CELL = 10_000  # characters
MAX_COLUMNS = 200
SHOWN = 40  # characters of a learner's cell
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}(?:\.0{1,9})?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


class WrongTableError(ValueError):
    """The table is not what the lab asks for; the message names file, line and column."""


def csv_table(name: str, body: bytes) -> dict[str, list[str]]:
    """Return the columns of a CSV file (RFC 4180, UTF-8, a header); raise `WrongTableError`."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise _wrong(name, "is not UTF-8 text", line) from None
    if "\0" in text:
        raise _wrong(name, "holds a NUL", text.count("\n", 0, text.index("\0")) + 1)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header, rows = _header_and_rows(name, reader)
    except csv.Error as error:
        raise _wrong(name, f"is not CSV: {error}", reader.line_num) from None
    columns = [list(cells) for cells in zip(*rows, strict=True)] or [[] for _ in header]
    return dict(zip(header, columns, strict=True))


def aligned(
    name: str, table: Table, ids: Sequence[Cell], *, id: str, columns: Mapping[str, Kind]
) -> dict[str, list[Any]]:
    """Return each of ``columns`` in the order of ``ids``; raise `WrongTableError` for anything odd.

    Every id must be there once, and no other.
    """
    _refuse_columns(name, list(table), [id, *columns])
    whole = all(isinstance(each, int) and not isinstance(each, bool) for each in ids)
    wanted = {_key(each, whole=whole): row for row, each in enumerate(ids)}
    places = _places(name, id, table[id], wanted, whole=whole)
    found: dict[str, list[Any]] = {}
    for column, kind in columns.items():
        read = _number if kind == "number" else _text
        values = [read(name, column, row, cell) for row, cell in enumerate(table[column])]
        found[column] = [values[at] for at in places]
    return found


def _header_and_rows(name: str, reader: Iterator[list[str]]) -> tuple[list[str], list[list[str]]]:
    header = next(reader, [])
    if not header or len(header) > MAX_COLUMNS or len(set(header)) != len(header):
        raise _wrong(name, f"needs a header of at most {MAX_COLUMNS} distinct names", 1)
    rows: list[list[str]] = []
    for row in reader:
        line = getattr(reader, "line_num", len(rows) + 2)
        if not row:  # an empty line, as editors leave at the end
            continue
        if len(row) != len(header):
            raise _wrong(name, f"has {len(row)} cells, expected {len(header)}", line)
        if any(len(cell) > MAX_CELL for cell in row):
            raise _wrong(name, f"has a cell of more than {MAX_CELL:,} characters", line)
        rows.append(row)
        if len(rows) > MAX_ROWS:
            raise _wrong(name, f"has more than {MAX_ROWS:,} rows", line)
    return header, rows


def _refuse_columns(name: str, found: list[str], wanted: list[str]) -> None:
    for column in wanted:
        if column not in found:
            near = [each for each in found if each.strip().casefold() == column.casefold()]
            said = f"lacks the column {column!r}"
            raise _wrong(name, said + (f": it has {_shown(near[0])}" if near else ""), 1)
    if extra := [column for column in found if column not in wanted]:
        expected = ", ".join(wanted)
        raise _wrong(name, f"has a column {_shown(extra[0])}, expected only {expected}", 1)


def _places(
    name: str, id: str, found: Sequence[Cell], wanted: Mapping[str, int], *, whole: bool
) -> list[int]:
    """Return the row of the table in which each question is answered."""
    places = [-1] * len(wanted)
    for row, cell in enumerate(found):
        at = wanted.get(_key(cell, whole=whole))
        if at is None:
            first = next(iter(wanted), "")
            said = f"{_shown(cell)} is not an id of the table to predict, as {first!a} is"
            said = f"column {id!r}: {said}"
            raise _wrong_row(name, row, said)
        if places[at] >= 0:
            said = f"column {id!r}: {_shown(cell)} stands there twice"
            raise _wrong_row(name, row, said)
        places[at] = row
    if missing := [key for key, at in wanted.items() if places[at] < 0]:
        said = f"lacks {len(missing):,} of {len(wanted):,} ids, the first is {missing[0]!r}"
        raise _wrong(name, said, None)
    return places


def _key(value: Cell, *, whole: bool) -> str:
    """Return an id as text; where ids are whole numbers, 7, '7' and 7.0 are the same."""
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, float):
        return str(int(value)) if whole and value.is_integer() else repr(value)
    text = str(value).strip()
    if whole and _WHOLE.fullmatch(text):
        return str(int(text.partition(".")[0]))
    return text


def _number(name: str, column: str, row: int, cell: Cell) -> float:
    found = math.nan
    if isinstance(cell, str):
        if _NUMBER.fullmatch(cell.strip()):
            found = float(cell)
    elif cell is not None:
        found = float(cell)
    if not math.isfinite(found):
        said = f"column {column!r}: {_shown(cell)} is not a finite number"
        raise _wrong_row(name, row, said)
    return found


def _text(name: str, column: str, row: int, cell: Cell) -> str:
    if not isinstance(cell, str) or not cell:
        said = f"column {column!r}: {_shown(cell)} is not text"
        raise _wrong_row(name, row, said)
    return cell


def _shown(cell: Cell) -> str:
    return ascii(cell)[:SHOWN]


def _wrong_row(name: str, row: int, what: str) -> WrongTableError:
    return WrongTableError(f"{name}: row {row + 1}: {what}")


def _wrong(name: str, what: str, line: int | None) -> WrongTableError:
    return WrongTableError(f"{name}:{line}: {what}" if line else f"{name}: {what}")
