"""Is the model good enough on data it has not seen?"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from labrun import wire
from labrun.domain.grade import Estimate, Finding, Outcome
from labrun.domain.lab import Lab
from labrun.domain.record import Record
from labrun.errors import UserError
from labrun.grading.check import Case, Options, check, failed, known_phase, last_values_phase
from labrun.grading.metric import METRICS, Metric, prepare
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
        known_phase(lab, self.of(lab))
        metric = METRICS[self.metric]
        try:
            metric.params.model_validate(self.params)
        except ValidationError as error:
            first = error.errors()[0]
            msg = f"params.{'.'.join(map(str, first['loc']))}: {first['msg']}"
            known = ", ".join(metric.params.model_fields) or "none"
            raise UserError(msg, help=f"parameters of {self.metric!r}: {known}") from None
        self._direction(metric)

    def _direction(self, metric: Metric) -> None:
        decision = self.decision
        if decision.floor is None or decision.full is None:
            return
        upwards = decision.full > decision.floor
        if decision.full == decision.floor or upwards != metric.greater_is_better:
            way = "above" if metric.greater_is_better else "below"
            msg = f"decision.full {decision.full:g} is not {way} decision.floor {decision.floor:g}"
            raise UserError(msg, help=f"for {metric.name!r} {metric.direction} is better")

    def phases(self, lab: Lab) -> tuple[str, ...]:
        """See `Options.phases`."""
        return (self.of(lab),)

    def tables(self) -> tuple[str, ...]:
        """See `Options.tables`."""
        return (self.truth,)

    def of(self, lab: Lab) -> str:
        """Return the phase whose values are judged."""
        return self.phase or last_values_phase(lab)


@check("threshold", ThresholdOptions)
def threshold(options: ThresholdOptions, case: Case) -> Finding:
    """Judge a metric of the predictions, with its interval, against the lab's decision."""
    metric = METRICS[options.metric]
    phase = options.of(case.lab)
    truth = case.answers(phase, options.truth, options.column)
    groups = case.answers(phase, options.truth, options.groups) if options.groups else None
    params = metric.params.model_validate(options.params)
    try:
        predicted = as_array(case.values(phase))
        estimate = metric.estimate(truth, predicted, params=params, seed=_seed(case), groups=groups)
        pair = prepare(metric.takes, truth, predicted)
    except (Malformed, wire.WireError, ValueError) as error:
        return failed(f"the predictions cannot be scored: {error}"[:300])
    if not _sound(estimate):
        return failed(f"{metric.name} has no value for these predictions")
    plots = pictures(metric, options.metric, *pair) if case.evidence.split == "hidden" else ()
    return _judged(metric, estimate, options.decision).model_copy(update={"plots": plots})


def _judged(metric: Metric, estimate: Estimate, decision: Decision) -> Finding:
    mark = decision.full if decision.rule == "ramp" else decision.at
    floor = decision.floor if decision.rule == "ramp" else None
    shown = estimate.model_copy(update={"mark": floor if floor is not None else mark, "full": mark})
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
    numbers: tuple[Any, ...] = (estimate.value, estimate.low, estimate.high)
    return all(number == number and abs(number) != float("inf") for number in numbers)  # noqa: PLR0124  (NaN)


def _seed(case: Case) -> int:
    return int(case.evidence.submission[:12], 16)
