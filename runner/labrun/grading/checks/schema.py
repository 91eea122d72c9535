"""Are the predictions of the agreed form, in every row?"""

from typing import Any, Literal

import numpy as np
from pydantic import Field

from labrun import wire
from labrun.domain.grade import Finding, Outcome
from labrun.domain.lab import Lab
from labrun.grading.check import Case, check, failed
from labrun.grading.options import OptionError, Options, values_phase
from labrun.grading.pairs import finite
from labrun.grading.predictions import Array, Malformed, as_array

Kind = Literal["number", "integer", "probability", "label", "text"]
NUMERIC = ("number", "integer", "probability")
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
        self.of(lab)
        if self.range and not self.range[0] < self.range[1]:
            msg = f"{self.range[0]:g} is not below {self.range[1]:g}"
            raise OptionError(msg, field="range")
        for field in ("range", "sums_to_one"):
            if getattr(self, field) and self.kind not in NUMERIC:
                msg = f"does not go with kind {self.kind!r}"
                raise OptionError(msg, field=field)
        if self.sums_to_one and self.columns is None:
            msg = "needs `columns`: one value a row has nothing to add up"
            raise OptionError(msg, field="sums_to_one")

    def phases(self, lab: Lab) -> tuple[str, ...]:
        """See `Options.phases`."""
        return (self.of(lab),)

    def of(self, lab: Lab) -> str:
        """Return the phase whose values are looked at."""
        return values_phase(lab, self.phase)


@check("schema", SchemaOptions)
def schema(options: SchemaOptions, case: Case) -> Finding:
    """Pass when every row is there, of the type, finite, within range and of the label set."""
    phase = options.of(case.lab)
    try:
        values = as_array(case.values(phase))
        _shape(values, options.rows or case.rows(phase), options.columns)
        _content(values, options)
        if options.labels is not None:
            _within(values, options.labels, quoted=case.evidence.split == "public")
    except (Malformed, wire.WireError) as error:
        return failed(str(error))
    return Finding(
        outcome=Outcome.PASSED, rationale=f"{len(values):,} rows, every one well formed", share=1
    )


def _shape(values: Array, rows: int | None, columns: int | None) -> None:
    row = () if columns is None else (columns,)
    if values.shape[1:] != row or not len(values) or len(values) != (rows or len(values)):
        expected = ", ".join(map(str, (rows or "n", *row))) + ("," if not row else "")
        msg = f"expected shape ({expected}), got {values.shape}"
        raise Malformed(msg)


def _content(values: Array, options: SchemaOptions) -> None:
    if options.kind == "text" and values.dtype.kind not in "OU":
        msg = f"expected text, got dtype {values.dtype}"
        raise Malformed(msg)
    if options.kind == "label" and values.dtype.kind == "f":
        finite(values)
    if options.kind in NUMERIC:
        _numbers(finite(values), options)


def _numbers(numbers: Array, options: SchemaOptions) -> None:
    if options.kind == "integer":
        _refuse(numbers != np.round(numbers), "not whole numbers")
    if options.kind == "probability":
        _refuse((numbers < 0) | (numbers > 1), "outside 0 to 1")
    if options.range:
        low, high = options.range
        _refuse((numbers < low) | (numbers > high), f"outside {low:g} to {high:g}")
    if options.sums_to_one:
        _refuse(np.abs(numbers.sum(axis=-1) - 1) > CLOSE, "sums of a row that are not one")


def _within(values: Array, labels: tuple[Any, ...], *, quoted: bool) -> None:
    flat = values.ravel().tolist()
    known = {_plain(label) for label in labels}
    wrong = np.array([_plain(value) not in known for value in flat])
    if not wrong.any():
        return
    msg = f"{int(wrong.sum()):,} of {len(wrong):,} values are none of the labels"
    if quoted:  # elsewhere what a learner returns could carry hidden inputs out
        strange = sorted({repr(v)[:40] for v, bad in zip(flat, wrong, strict=True) if bad})
        msg += f": {', '.join(strange[:SHOWN])}"
    raise Malformed(msg)


def _plain(label: Any) -> Any:
    return float(label) if isinstance(label, int | float) else label


def _refuse(wrong: Array, what: str) -> None:
    if wrong.any():
        msg = f"{int(wrong.sum()):,} of {wrong.size:,} values are {what}"
        raise Malformed(msg)
