"""Turn what a phase sent into bytes that may be kept, trusting none of it."""

import csv
import io
import re
from typing import Any

import numpy as np

from labrun import wire
from labrun.domain.evidence import Ending
from labrun.sandbox.base import PhaseEnded

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\Z")
MODEL_FILE = "model.pkl"
MAX_FILES = 64
MAX_ROWS = 1_000_000
MAX_CELL = 10_000


def model_files(value: object) -> bytes:
    """Return the files of a model as one frame; their bytes are never looked into."""
    files = {MODEL_FILE: value} if isinstance(value, bytes) else value
    if not isinstance(files, dict) or not all(isinstance(body, bytes) for body in files.values()):
        raise PhaseEnded(Ending.INVALID_OUTPUT, "the model is not bytes")
    if len(files) > MAX_FILES:
        raise PhaseEnded(Ending.INVALID_OUTPUT, f"/out holds more than {MAX_FILES} files")
    if not all(_named_well(name) for name in files):
        raise PhaseEnded(
            Ending.INVALID_OUTPUT, "a file of the model has a name that is not allowed"
        )
    if not files:
        raise PhaseEnded(Ending.NO_OUTPUT, "nothing was written to /out")
    return wire.to_bytes(files)


def values(value: object) -> bytes:
    """Return what a call returned as one frame."""
    if value is None:
        raise PhaseEnded(Ending.NO_OUTPUT, "the function returned None")
    try:
        return wire.to_bytes(value)
    except wire.WireError as error:
        raise PhaseEnded(Ending.INVALID_OUTPUT, str(error)) from None


def table_file(files: object, name: str) -> bytes:
    """Return the CSV file a command owes as one frame: numbers where all are, else text."""
    body = files.get(name) if isinstance(files, dict) else None
    if not isinstance(body, bytes):
        raise PhaseEnded(Ending.NO_OUTPUT, f"the command wrote no /out/{name}")
    return wire.to_bytes(_read_csv(body, name))


def _read_csv(body: bytes, name: str) -> dict[str, Any]:
    try:
        rows = list(_rows(csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True)))
    except (UnicodeDecodeError, csv.Error) as error:
        raise PhaseEnded(Ending.INVALID_OUTPUT, f"/out/{name} is not a CSV file: {error}") from None
    if not rows or len(set(rows[0])) != len(rows[0]):
        raise PhaseEnded(Ending.INVALID_OUTPUT, f"/out/{name} needs a header of distinct names")
    wrong = next((number for number, row in enumerate(rows) if len(row) != len(rows[0])), None)
    if wrong is not None:
        detail = f"/out/{name}: line {wrong + 1} has {len(rows[wrong])} cells, not {len(rows[0])}"
        raise PhaseEnded(Ending.INVALID_OUTPUT, detail)
    columns = zip(*rows[1:], strict=True) if len(rows) > 1 else [()] * len(rows[0])
    return {title: _column(list(cells)) for title, cells in zip(rows[0], columns, strict=True)}


def _rows(reader: Any) -> Any:
    for number, row in enumerate(reader):
        if number > MAX_ROWS or any(len(cell) > MAX_CELL for cell in row):
            msg = f"more than {MAX_ROWS:,} rows, or a cell of more than {MAX_CELL:,} characters"
            raise csv.Error(msg)
        yield row


def _column(cells: list[str]) -> Any:
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        return np.array(cells, dtype=object)


def _named_well(name: object) -> bool:
    return isinstance(name, str) and NAME.match(name) is not None
