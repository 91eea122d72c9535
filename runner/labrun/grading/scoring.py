"""A metric of what a phase returned, judged on the rows and with the seed that the lab says."""

import hashlib
import math
from typing import Any

import numpy as np
from pydantic import Field, ValidationError

from labrun.domain.grade import Estimate
from labrun.domain.lab import Lab
from labrun.errors import LabError, UserError
from labrun.grading.check import Case
from labrun.grading.metric import METRICS, Metric
from labrun.grading.options import OptionError, Options, did_you_mean, values_phase
from labrun.grading.pairs import Pair
from labrun.grading.predictions import Array, Malformed, as_array
from labrun.grading.uncertainty import Z


class ScoredOptions(Options):
    """A metric of one phase; ``groups`` is a truth column that names clusters.

    Hidden rows where the truth column ``canary`` is not 0 have answers that are wrong on purpose;
    they are left out.
    """

    metric: str
    phase: str | None = None
    truth: str = Field(default="truth", pattern=r"^truth")
    column: str | None = None
    groups: str | None = None
    canary: str | None = None
    params: dict[str, float | int | str | bool] = {}

    def fit(self, lab: Lab) -> None:
        """See `Options.fit`."""
        self.of(lab)
        _refuse_bad_params(self.scorer(), self.params)

    def phases(self, lab: Lab) -> tuple[str, ...]:
        """See `Options.phases`."""
        return (self.of(lab),)

    def tables(self) -> tuple[str, ...]:
        """See `Options.tables`."""
        return (self.truth,)

    def of(self, lab: Lab) -> str:
        """Return the phase whose values are judged."""
        return values_phase(lab, self.phase)

    def scorer(self) -> Metric:
        """Return the metric; raise `OptionError` if there is none of that name."""
        try:
            return METRICS[self.metric]
        except UserError as error:
            raise OptionError(str(error), field="metric", help=error.help) from None


def estimated(options: ScoredOptions, case: Case) -> tuple[Estimate, Pair]:
    """Return the metric of what a phase returned, and the pairs it was computed from.

    Raises `Malformed` or `wire.WireError` where the learner's values cannot be scored, `LabError`
    where the truth does not fit the features.
    """
    metric = METRICS[options.metric]
    made, groups = paired(options, case)
    params = metric.params.model_validate(options.params)
    estimate = metric.estimate(made, params=params, seed=_seed(case), groups=groups)
    if not all(math.isfinite(each) for each in (estimate.value, estimate.low, estimate.high)):
        msg = f"{metric.name} has no finite value"
        raise Malformed(msg)
    return estimate, made


def paired(options: ScoredOptions, case: Case) -> tuple[Pair, Array | None]:
    """Return truth and predictions of the rows that are judged, and their groups if there are any.

    Raises what `estimated` raises.
    """
    metric, phase = METRICS[options.metric], options.of(case.lab)
    truth = case.column(options.truth, options.column)
    groups = case.column(options.truth, options.groups) if options.groups else None
    _refuse_other_rows(options, case, len(truth))
    predicted = case.in_table_order(phase, as_array(case.values(phase)))
    kept = judged_rows(options, case)
    if kept is not None:
        if len(predicted) != len(truth):
            msg = f"expected {len(truth):,} rows, got {len(predicted):,}"
            raise Malformed(msg)
        truth, predicted = truth[kept], predicted[kept]
        groups = None if groups is None else groups[kept]
    return metric.pair(truth, predicted), groups


def judged_rows(options: ScoredOptions, case: Case) -> Array | None:
    """Return a mask of the rows that are judged, or None for all: no canary, of the part asked."""
    kept: Array | None = case.part.get(options.truth)
    if not options.canary or case.evidence.split == "public":
        return kept
    plain: Array = case.column(options.truth, options.canary) == 0
    return plain if kept is None else plain & kept


def mean_of(estimates: list[Estimate]) -> Estimate:
    """Return the mean over seeds, with an interval for the rows and the seeds together.

    All seeds are judged on the same rows, so the half-widths of their intervals are averaged, not
    divided; the standard error of the mean over k seeds, sd / sqrt(k), is added in quadrature.
    """
    first = estimates[0]
    if len(estimates) == 1:
        return first
    values = [each.value for each in estimates]
    value = math.fsum(values) / len(values)
    spread = Z * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    below = math.fsum(each.value - each.low for each in estimates) / len(values)
    above = math.fsum(each.high - each.value for each in estimates) / len(values)
    return first.model_copy(
        update={
            "value": value,
            "low": value - math.hypot(below, spread),
            "high": value + math.hypot(above, spread),
            "seeds": tuple(values),
            "method": f"{first.method}, mean of {len(values)} seeds",
        }
    )


def _refuse_other_rows(options: ScoredOptions, case: Case, answers: int) -> None:
    rows = case.rows(options.of(case.lab))
    if rows is not None and rows != answers:
        msg = f"table {options.truth!r} has {answers:,} rows, but {rows:,} were asked for"
        raise LabError(msg, help="the truth must have one row for each row of the features")


def _seed(case: Case) -> int:
    return int.from_bytes(hashlib.sha256(case.evidence.submission.encode()).digest()[:8])


def _refuse_bad_params(metric: Metric, params: dict[str, Any]) -> None:
    try:
        metric.params.model_validate(params)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(("params", *map(str, first["loc"])))
        known = list(metric.params.model_fields)
        if first["type"] == "extra_forbidden":
            msg = f"{metric.name!r} has no such parameter"
            raise OptionError(msg, field=field, help=did_you_mean(field[7:], known)) from None
        msg = f"{first['msg']}, found {first['input']!r:.80}"
        raise OptionError(msg, field=field) from None
