"""Phases that open what the learner handed in: predictions, or a model; no code of theirs runs."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from labrun import wire
from labrun.domain.evidence import Ending, PhaseResult
from labrun.domain.lab import Phase
from labrun.domain.predictions import Table, WrongTableError, aligned, csv_table
from labrun.errors import LabError
from labrun.sandbox import outputs
from labrun.sandbox.base import PhaseEnded

PLAIN = ".csv"


def is_plain(phase: Phase) -> bool:
    """Return whether the phase reads a file that the host may open itself: text, read strictly."""
    return phase.read is not None and phase.read.endswith(PLAIN)


def read(phase: Phase, files: Mapping[str, bytes], inputs: Mapping[str, Any]) -> PhaseResult:
    """Return what the phase found in the file that was handed in."""
    started = time.monotonic()
    output, ending, detail = None, Ending.DONE, ""
    try:
        output = plain(phase, files, inputs)
    except WrongTableError as error:
        ending, detail = Ending.INVALID_OUTPUT, str(error)
    seconds = round(time.monotonic() - started, 3)
    return PhaseResult(
        phase=phase.name, ending=ending, detail=detail, seconds=seconds, output=output
    )


def plain(phase: Phase, files: Mapping[str, bytes], inputs: Mapping[str, Any]) -> bytes:
    """Return the predictions as one frame, in the order of the table; see `WrongTableError`."""
    name = phase.read or ""
    return _framed(phase, csv_table(name, files.get(name, b"")), inputs)


def from_a_box(phase: Phase, table: Any, inputs: Mapping[str, Any]) -> bytes:
    """Return as one frame what a sandbox found in the file; raise `PhaseEnded` if that is no good.

    A table of predictions is held to the rules for tables; of a model, it is what the model said.
    """
    if phase.open:
        return outputs.values(table)
    if type(table).__name__ != "DataFrame":
        raise PhaseEnded(Ending.INVALID_OUTPUT, f"{phase.read} is not a table")
    columns = {str(name): table[name].tolist() for name in table.columns}
    try:
        return _framed(phase, columns, inputs)
    except WrongTableError as error:
        raise PhaseEnded(Ending.INVALID_OUTPUT, str(error)) from None


def _framed(phase: Phase, table: Table, inputs: Mapping[str, Any]) -> bytes:
    ids = _ids(phase, inputs[phase.input[0]])
    found = aligned(phase.read or "", table, ids, id=phase.id or "", columns=phase.columns)
    arrays = [
        np.array(cells, dtype=np.float64 if phase.columns[name] == "number" else object)
        for name, cells in found.items()
    ]
    return wire.to_bytes(arrays[0] if len(arrays) == 1 else np.column_stack(arrays))


def _ids(phase: Phase, frame: Any) -> list[Any]:
    if phase.id not in frame.columns:
        msg = f"phase {phase.name!r}: table {phase.input[0]!r} has no column {phase.id!r}"
        raise LabError(msg, help=f"its columns: {', '.join(map(str, frame.columns))}")
    ids: list[Any] = frame[phase.id].tolist()
    if len(set(ids)) != len(ids):
        msg = f"phase {phase.name!r}: column {phase.id!r} of {phase.input[0]!r} is no id"
        raise LabError(msg, help="an id stands in one row only")
    return ids
