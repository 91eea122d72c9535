"""Do absurd rows in a batch change what is said of the others?"""

from typing import Any

import numpy as np
from pydantic import Field

from labrun.domain.grade import Finding
from labrun.domain.lab import Lab
from labrun.domain.variant import NEW_ROW, Altered, Table, VariantPlan
from labrun.errors import LabError
from labrun.grading.check import Case, check
from labrun.grading.probing import ComparedOptions, compared

WHY = (
    "Rows with absurd values were added, and predictions of other rows moved: something is "
    "computed from the batch, such as a mean, a range or a rank. Compute it in fit and keep it"
)
FAR = 20  # ranges beyond the largest value


class OutlierInvarianceOptions(ComparedOptions):
    """How many ``rows`` with absurd numbers are added, and in which ``columns``: all by default."""

    rows: int = Field(default=20, ge=1, le=1000)
    columns: tuple[str, ...] | None = Field(default=None, min_length=1)

    def variants(self, lab: Lab) -> tuple[VariantPlan, ...]:
        """See `Options.variants`."""

        def alter(table: Table) -> Altered | None:
            return _with_outliers(table, self.rows, self.columns) if table.aligned else None

        return (VariantPlan(name="outliers", phase=self.of(lab), refit=False, alter=alter),)


@check("outlier-invariance", OutlierInvarianceOptions)
def outlier_invariance(options: OutlierInvarianceOptions, case: Case) -> Finding:
    """Pass when added outliers change no other prediction."""
    return compared(options, case, {"outliers": "when outliers are added to the batch"}, WHY)


def _with_outliers(table: Table, count: int, columns: tuple[str, ...] | None) -> Altered:
    """Add copies of rows whose numbers lie far outside; words and dates stay what they were."""
    frame, rows = table.frame, len(table.frame)
    chosen = table.rng.integers(rows, size=count)
    places = np.concatenate([np.arange(rows), chosen])
    mixed = table.rng.permutation(rows + count)
    changed = frame.iloc[places].copy()
    for column in _named(frame, columns):
        values = frame[column]
        if values.dtype.kind in "iuf":
            changed[column] = np.concatenate([values.to_numpy(), _far(values, chosen)])
    order = np.concatenate([np.arange(rows), np.full(count, NEW_ROW)])
    return Altered(changed.iloc[mixed], tuple(order[mixed].tolist()))


def _named(frame: Any, columns: tuple[str, ...] | None) -> tuple[str, ...]:
    known = tuple(map(str, frame.columns))
    if missing := sorted(set(columns or ()) - set(known)):
        msg = f"there is no column {missing[0]!r} to make absurd"
        raise LabError(msg, help=f"name some of: {', '.join(known)}")
    return columns or known


def _far(values: Any, chosen: Any) -> Any:
    known = values.dropna()
    if not len(known):
        return values.iloc[chosen].to_numpy()
    span = float(known.max()) - float(known.min()) or 1.0
    far = np.full(len(chosen), float(known.max()) + FAR * span)
    if values.dtype.kind == "f":
        return far.astype(values.dtype)
    limits = np.iinfo(values.dtype)
    return np.clip(far, limits.min, float(limits.max) / 2).astype(values.dtype)
