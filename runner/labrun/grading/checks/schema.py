"""Are the predictions of the agreed form, in every row?"""

from typing import Any, Literal

import numpy as np
from pydantic import Field

from labrun import wire
from labrun.domain.grade import Finding, Outcome
from labrun.domain.lab import Lab
from labrun.grading.check import Case, Options, check, failed, known_phase, last_values_phase
from labrun.grading.metric import Array
from labrun.grading.predictions import Malformed, as_array

Kind = Literal["number", "integer", "probability", "label", "text"]
SHOWN = 5
CLOSE = 1e-6


class SchemaOptions(Options):
    """The form of a row; ``columns`` is the second dimension, none for one value a row."""

    phase: str | None = None
    kind: Kind = "number"
    columns: int | None = Field(default=None, ge=1)
    range: tuple[float, float] | None = None
    labels: tuple[str | int | float, ...] | None = None
    sums_to_one: bool = False
    rows: int | None = Field(default=None, ge=1, description="default: one for each row given")

    def fit(self, lab: Lab) -> None:
        """See `Options.fit`."""
        known_phase(lab, self.of(lab))

    def phases(self, lab: Lab) -> tuple[str, ...]:
        """See `Options.phases`."""
        return (self.of(lab),)

    def of(self, lab: Lab) -> str:
        """Return the phase whose values are looked at."""
        return self.phase or last_values_phase(lab)


@check("schema", SchemaOptions)
def schema(options: SchemaOptions, case: Case) -> Finding:
    """Pass when every row is there, of the type, finite, within range and of the label set."""
    name = options.of(case.lab)
    result = case.evidence.phase(name)
    rows = options.rows or (len(result.order) if result and result.order is not None else None)
    try:
        values = as_array(case.values(name))
        _shape(values, rows, options.columns)
        _content(values, options)
    except (Malformed, wire.WireError) as error:
        return failed(str(error))
    return Finding(
        outcome=Outcome.PASSED, rationale=f"{len(values):,} rows, every one well formed", share=1
    )


def _shape(values: Array, rows: int | None, columns: int | None) -> None:
    expected = "(n,)" if columns is None else f"(n, {columns})"
    if rows is not None:
        expected = expected.replace("n", f"{rows}")
    right = values.ndim == (1 if columns is None else 2) and (
        columns is None or values.shape[1] == columns
    )
    if not right or (rows is not None and len(values) != rows) or not len(values):
        msg = f"expected shape {expected}, got {values.shape}"
        raise Malformed(msg)


def _content(values: Array, options: SchemaOptions) -> None:
    if options.kind in ("number", "integer", "probability"):
        numbers = _finite(values)
        if options.kind == "integer" and (numbers != np.round(numbers)).any():
            _refuse(numbers != np.round(numbers), "not whole numbers")
        low, high = options.range or ((0, 1) if options.kind == "probability" else (None, None))
        if low is not None and high is not None:
            _refuse((numbers < low) | (numbers > high), f"outside {low:g} to {high:g}")
        if options.sums_to_one:
            _refuse(np.abs(numbers.sum(axis=-1) - 1) > CLOSE, "rows that do not sum to one")
    elif options.kind == "text" and values.dtype.kind not in "OU":
        msg = f"expected text, got dtype {values.dtype}"
        raise Malformed(msg)
    if options.kind == "label" and values.dtype.kind in "fc":
        _finite(values)
    if options.labels is not None:
        _within(values, options.labels)


def _finite(values: Array) -> Array:
    if values.dtype.kind not in "biuf":
        msg = f"expected numbers, got dtype {values.dtype}"
        raise Malformed(msg)
    numbers = values.astype(float)
    _refuse(~np.isfinite(numbers), "NaN or infinite")
    return numbers


def _within(values: Array, labels: tuple[Any, ...]) -> None:
    known = {_plain(label) for label in labels}
    wrong = np.array([_plain(value) not in known for value in values.ravel().tolist()])
    if wrong.any():
        found = sorted({repr(v)[:40] for v in values.ravel()[wrong].tolist()})[:SHOWN]
        count = f"{int(wrong.sum()):,} of {len(wrong):,}"
        msg = f"{count} values are not a known label: {', '.join(found)}"
        raise Malformed(msg)


def _plain(label: Any) -> Any:
    return float(label) if isinstance(label, int | float) else label


def _refuse(wrong: Array, what: str) -> None:
    if wrong.any():
        msg = f"{int(wrong.sum()):,} of {wrong.size:,} values are {what}"
        raise Malformed(msg)
