"""Is the model good enough on data it has not seen?"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from labrun import wire
from labrun.domain.grade import Estimate, Finding, Outcome
from labrun.domain.lab import Lab
from labrun.domain.record import Record
from labrun.grading.check import Case, check, failed
from labrun.grading.metric import METRICS, Metric
from labrun.grading.options import OptionError
from labrun.grading.pictures import pictures
from labrun.grading.predictions import Malformed
from labrun.grading.scoring import ScoredOptions, estimated, mean_of

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


class ThresholdOptions(ScoredOptions):
    """A metric, and what it must reach."""

    decision: Decision

    def fit(self, lab: Lab) -> None:
        """See `Options.fit`."""
        super().fit(lab)
        _refuse_bad_marks(self.scorer(), self.decision)


@check("threshold", ThresholdOptions)
def threshold(options: ThresholdOptions, case: Case) -> Finding:
    """Judge a metric of the predictions, with its interval, against the lab's decision."""
    metric = METRICS[options.metric]
    try:
        runs = [estimated(options, each) for each in case.seeds()]
    except (Malformed, wire.WireError) as error:
        return failed(f"the predictions cannot be scored: {error}")
    finding = _judged(metric, mean_of([estimate for estimate, _ in runs]), options.decision)
    if case.evidence.split != "hidden":
        return finding
    name = case.spec.id if case.spec else options.metric
    return finding.model_copy(update={"plots": pictures(metric, name, runs[0][1])})


def _judged(metric: Metric, estimate: Estimate, decision: Decision) -> Finding:
    mark = decision.floor if decision.rule == "ramp" else decision.at
    shown = estimate.model_copy(update={"mark": mark, "full": decision.full})
    share = share_of(metric, estimate, decision)
    return Finding(
        outcome=Outcome.PASSED if share > 0 else Outcome.FAILED,
        rationale=needed(metric, decision),
        share=share,
        estimate=shown,
    )


def share_of(metric: Metric, estimate: Estimate, decision: Decision) -> float:
    """Return the part of the points that an estimate earns, 0 to 1."""
    if decision.floor is not None and decision.full is not None:
        share = (estimate.value - decision.floor) / (decision.full - decision.floor)
        return round(min(max(share, 0.0), 1.0), 6)
    value = estimate.value
    if decision.rule == "lower-bound":
        value = estimate.low if metric.greater_is_better else estimate.high
    return 1.0 if decision.at is not None and metric.meets(value, decision.at) else 0.0


def needed(metric: Metric, decision: Decision) -> str:
    """Return what a learner reads that the metric has to reach."""
    bound = "at least" if metric.greater_is_better else "at most"
    if decision.rule == "ramp":
        return f"points from {decision.floor:g}, full marks from {decision.full:g}"
    if decision.rule == "lower-bound":
        return f"needs {bound} {decision.at:g} with its whole interval"
    return f"needs {bound} {decision.at:g}"


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
