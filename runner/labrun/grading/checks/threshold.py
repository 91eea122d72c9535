"""Is the model good enough on data it has not seen?"""

import hashlib
import math
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from labrun import wire
from labrun.domain.grade import Estimate, Finding, Outcome
from labrun.domain.lab import Lab
from labrun.domain.record import Record
from labrun.errors import LabError, UserError
from labrun.grading.check import Case, check, failed
from labrun.grading.metric import METRICS, Metric
from labrun.grading.options import OptionError, Options, did_you_mean, values_phase
from labrun.grading.pictures import pictures
from labrun.grading.predictions import Malformed, as_array

Number = Annotated[float, Field(allow_inf_nan=False)]


class Decision(Record):
    """How a value becomes points: a mark (``point``, ``lower-bound``) or a ``ramp``."""

    rule: Literal["point", "lower-bound", "ramp"]
    at: Number | None = None
    floor: Number | None = None
    full: Number | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        wanted = {"floor", "full"} if self.rule == "ramp" else {"at"}
        given = {name for name in ("at", "floor", "full") if getattr(self, name) is not None}
        if given != wanted:
            msg = f"rule {self.rule!r} takes {' and '.join(sorted(wanted))}"
            raise ValueError(msg)
        return self


class ThresholdOptions(Options):
    """A metric, and what it must reach; ``groups`` is a truth column that names clusters."""

    metric: str
    decision: Decision
    phase: str | None = None
    truth: str = Field(default="truth", pattern=r"^truth")
    column: str | None = None
    groups: str | None = None
    params: dict[str, float | int | str | bool] = {}

    def fit(self, lab: Lab) -> None:
        """See `Options.fit`."""
        self.of(lab)
        try:
            metric = METRICS[self.metric]
        except UserError as error:
            raise OptionError(str(error), field="metric", help=error.help) from None
        _refuse_bad_params(metric, self.params)
        _refuse_bad_marks(metric, self.decision)

    def phases(self, lab: Lab) -> tuple[str, ...]:
        """See `Options.phases`."""
        return (self.of(lab),)

    def tables(self) -> tuple[str, ...]:
        """See `Options.tables`."""
        return (self.truth,)

    def of(self, lab: Lab) -> str:
        """Return the phase whose values are judged."""
        return values_phase(lab, self.phase)


@check("threshold", ThresholdOptions)
def threshold(options: ThresholdOptions, case: Case) -> Finding:
    """Judge a metric of the predictions, with its interval, against the lab's decision."""
    metric = METRICS[options.metric]
    phase = options.of(case.lab)
    truth = case.column(options.truth, options.column)
    groups = case.column(options.truth, options.groups) if options.groups else None
    _refuse_other_rows(options, case, len(truth))
    try:
        made = metric.pair(truth, case.in_table_order(phase, as_array(case.values(phase))))
        params = metric.params.model_validate(options.params)
        estimate = metric.estimate(made, params=params, seed=_seed(case), groups=groups)
    except (Malformed, wire.WireError) as error:
        return failed(f"the predictions cannot be scored: {error}")
    if not _sound(estimate):
        return failed(f"the predictions cannot be scored: {metric.name} has no finite value")
    finding = _judged(metric, estimate, options.decision)
    if case.evidence.split != "hidden":
        return finding
    name = case.spec.id if case.spec else options.metric
    return finding.model_copy(update={"plots": pictures(metric, name, made)})


def _refuse_other_rows(options: ThresholdOptions, case: Case, answers: int) -> None:
    rows = case.rows(options.of(case.lab))
    if rows is not None and rows != answers:
        msg = f"table {options.truth!r} has {answers:,} rows, but {rows:,} were asked for"
        raise LabError(msg, help="the truth must have one row for each row of the features")


def _judged(metric: Metric, estimate: Estimate, decision: Decision) -> Finding:
    mark = decision.floor if decision.rule == "ramp" else decision.at
    shown = estimate.model_copy(update={"mark": mark, "full": decision.full})
    share = _share(metric, estimate, decision)
    return Finding(
        outcome=Outcome.PASSED if share > 0 else Outcome.FAILED,
        rationale=_needed(metric, decision),
        share=share,
        estimate=shown,
    )


def _share(metric: Metric, estimate: Estimate, decision: Decision) -> float:
    if decision.floor is not None and decision.full is not None:
        share = (estimate.value - decision.floor) / (decision.full - decision.floor)
        return round(min(max(share, 0.0), 1.0), 6)
    value = estimate.value
    if decision.rule == "lower-bound":
        value = estimate.low if metric.greater_is_better else estimate.high
    return 1.0 if decision.at is not None and metric.meets(value, decision.at) else 0.0


def _needed(metric: Metric, decision: Decision) -> str:
    bound = "at least" if metric.greater_is_better else "at most"
    if decision.rule == "ramp":
        return f"points from {decision.floor:g}, full marks from {decision.full:g}"
    if decision.rule == "lower-bound":
        return f"needs {bound} {decision.at:g} with its whole interval"
    return f"needs {bound} {decision.at:g}"


def _sound(estimate: Estimate) -> bool:
    return all(math.isfinite(each) for each in (estimate.value, estimate.low, estimate.high))


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


def _refuse_bad_marks(metric: Metric, decision: Decision) -> None:
    for name in ("at", "floor", "full"):
        mark = getattr(decision, name)
        if mark is not None and not metric.attainable(mark):
            msg = f"{mark:g} is not a value {metric.name!r} can take: "
            msg += f"it goes from {metric.worst:g} to {metric.best:g}"
            raise OptionError(msg, field=f"decision.{name}")
    if decision.floor is None or decision.full is None:
        return
    if decision.floor == decision.full or not metric.meets(decision.full, decision.floor):
        way = "above" if metric.greater_is_better else "below"
        msg = f"{decision.full:g} is not {way} the floor, {decision.floor:g}"
        raise OptionError(
            msg, field="decision.full", help=f"{metric.name!r}: {metric.direction} is better"
        )
