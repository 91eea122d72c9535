"""What the behaviour probes share: values of one run compared with those of another, row by row."""

from typing import Any

import numpy as np
from pydantic import Field

from labrun import wire
from labrun.domain.grade import Finding, Outcome
from labrun.domain.lab import Lab
from labrun.domain.variant import NEW_ROW, Altered, Table
from labrun.grading.check import Case, failed
from labrun.grading.options import Options, values_phase
from labrun.grading.predictions import Array, Malformed, as_array


class ComparedOptions(Options):
    """The phase whose values are compared, and how far a number may move: |a - b| <= tolerance."""

    phase: str | None = None
    tolerance: float = Field(default=1e-6, ge=0, allow_inf_nan=False)

    def fit(self, lab: Lab) -> None:
        """See `Options.fit`."""
        self.of(lab)

    def phases(self, lab: Lab) -> tuple[str, ...]:
        """See `Options.phases`."""
        return (self.of(lab),)

    def of(self, lab: Lab) -> str:
        """Return the phase whose values are compared."""
        return values_phase(lab, self.phase)


def moved(options: ComparedOptions, case: Case, variant: str) -> tuple[int, int]:
    """Return how many of how many rows have another value than in the submission's own run.

    Raises `Malformed` or `wire.WireError` where either run returned no value for each row.
    """
    phase = options.of(case.lab)
    own, own_order = _rows(case, phase)
    new, new_order = _rows(case.variant(variant), phase)
    place = {row: position for position, row in enumerate(own_order)}
    asked = [position for position, row in enumerate(new_order) if row != NEW_ROW]
    before = own[[place[new_order[position]] for position in asked]]
    differ = _differ(before, new[asked], options.tolerance)
    return int(differ.sum()), len(differ)


def compared(options: ComparedOptions, case: Case, variants: dict[str, str], why: str) -> Finding:
    """Pass when no value moved in any variant; ``variants`` tells each in a learner's words."""
    try:
        for name, told in variants.items():
            changed, rows = moved(options, case, name)
            if changed:
                return failed(f"{changed:,} of {rows:,} predictions change {told}", help=why)
    except (Malformed, wire.WireError) as error:
        return failed(f"the predictions cannot be compared: {error}")
    said = f"the same predictions {', '.join(variants.values())}"
    return Finding(outcome=Outcome.PASSED, rationale=said, share=1)


def taken(table: Table, rows: Array) -> Altered:
    """Return a table of these rows of it, in this order."""
    return Altered(table.frame.iloc[rows], tuple(rows.tolist()))


def _rows(case: Case, phase: str) -> tuple[Array, tuple[int, ...]]:
    values = as_array(case.values(phase))
    result = case.evidence.phase(phase)
    order = result.order if result and result.order is not None else tuple(range(len(values)))
    if len(values) != len(order):
        msg = f"expected {len(order):,} rows, got {len(values):,}"
        raise Malformed(msg)
    return values, order


def _differ(before: Array, after: Array, tolerance: float) -> Array:
    """Return for each row whether any of its values moved."""
    if before.shape != after.shape:
        msg = f"a row has shape {before.shape[1:]} in one run and {after.shape[1:]} in another"
        raise Malformed(msg)
    if before.dtype.kind in "biuf" and after.dtype.kind in "biuf":
        with np.errstate(all="ignore"):
            far = np.abs(before.astype(float) - after.astype(float)) > tolerance
        differ = far | (np.isfinite(before) != np.isfinite(after))
    else:
        differ = _texts(before) != _texts(after)
    moved_rows: Array = differ.reshape(len(differ), -1).any(axis=1)
    return moved_rows


def _texts(values: Array) -> Any:
    return values.astype(str)
