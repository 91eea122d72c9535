"""Is it right where the answer is wrong on purpose? Then it looked the answers up."""

import numpy as np
from pydantic import Field

from labrun import wire
from labrun.domain.grade import Finding, Outcome
from labrun.domain.lab import Lab
from labrun.errors import LabError
from labrun.grading.check import Case, check, failed
from labrun.grading.options import Options, values_phase
from labrun.grading.predictions import Array, Malformed, as_array
from labrun.grading.uncertainty import Z

WHY = (
    "Some answers in the hidden table are wrong on purpose. Nothing in the data leads to them, and "
    "a model gets nearly all of them wrong; a copy of the table gets them right"
)
LEAST = 20
BINARY = 2


class FlippedCanariesOptions(Options):
    """Where truth ``column`` is false on purpose, column ``canary`` is not 0.

    ``at_most`` is the share of those on which predictions may agree with the false answer. A
    number stands for the class ``at`` or above ``cut`` where predictions are scores.
    """

    canary: str
    phase: str | None = None
    truth: str = Field(default="truth", pattern=r"^truth")
    column: str
    cut: float | None = Field(default=None, allow_inf_nan=False)
    at_most: float = Field(gt=0, lt=1)

    def fit(self, lab: Lab) -> None:
        """See `Options.fit`."""
        values_phase(lab, self.phase)

    def phases(self, lab: Lab) -> tuple[str, ...]:
        """See `Options.phases`."""
        return (values_phase(lab, self.phase),)

    def tables(self) -> tuple[str, ...]:
        """See `Options.tables`."""
        return (self.truth,)

    def is_public(self) -> bool:
        """See `Options.is_public`; which rows are canaries is never told."""
        return False


@check("flipped-canaries", FlippedCanariesOptions)
def flipped_canaries(options: FlippedCanariesOptions, case: Case) -> Finding:
    """Pass unless predictions agree with false answers more often than a model's would.

    Agreement must exceed ``at_most`` by more than 1.96 standard errors of a proportion to fail.
    """
    truth = case.column(options.truth, options.column)
    canary = case.column(options.truth, options.canary) != 0
    if canary.sum() < LEAST:
        msg = f"only {int(canary.sum())} rows of {options.truth!r} are canaries"
        raise LabError(msg, help=f"flip at least {LEAST} answers")
    phase = values_phase(case.lab, options.phase)
    try:
        values = as_array(case.values(phase))
        predicted = _classes(case.in_table_order(phase, values), options.cut, truth)
    except (Malformed, wire.WireError) as error:
        return failed(f"the predictions cannot be compared: {error}")
    share = float(np.mean(_same(predicted[canary], truth[canary])))
    allowed = options.at_most
    bound = allowed + Z * float(np.sqrt(allowed * (1 - allowed) / canary.sum()))
    if share > bound:
        said = f"right on {share:.0%} of the answers that are wrong on purpose"
        return failed(f"{said}; a model is on at most {allowed:.0%}", help=WHY)
    said = "wrong where the answers are wrong on purpose, as a model is"
    return Finding(outcome=Outcome.PASSED, rationale=said, share=1)


def _classes(values: Array, cut: float | None, truth: Array) -> Array:
    if cut is not None:
        values = values[:, -1] if values.shape[1:] == (BINARY,) else values
        if values.dtype.kind not in "biuf":
            msg = f"expected numbers, got dtype {values.dtype}"
            raise Malformed(msg)
        values = (values >= cut).astype(np.int64)
    if values.shape != truth.shape:
        msg = f"expected shape {truth.shape}, got {values.shape}"
        raise Malformed(msg)
    return values


def _same(predicted: Array, truth: Array) -> Array:
    numbers = predicted.dtype.kind in "biuf" and truth.dtype.kind in "biuf"
    same: Array = predicted == truth if numbers else predicted.astype(str) == truth.astype(str)
    return same
