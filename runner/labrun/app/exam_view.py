"""What a learner may see of a result in an exam: outcome, points and a coarse number.

A list of what is shown, not of what is withheld: a field that is new to a record stays out until
somebody puts it here. `docs/decisions/0012-what-an-exam-tells.md` has the reason of each line.
"""

import math
from statistics import NormalDist

from labrun.domain.evidence import Ending
from labrun.domain.grade import Estimate, Outcome
from labrun.domain.mode import Mode
from labrun.domain.result import CheckInfo, PhaseInfo, Result, Status

SHOWN = (
    *("schema_version", "official", "split", "part", "mode", "submission", "lab", "grader", "data"),
    *("environment", "status", "verdict", "fault", "score", "pass_score", "failed_gates"),
    *("hidden_checks", "attempt", "supersedes", "regrade"),
)
# A check of the source alone says the same whatever the hidden rows hold.
STATIC = frozenset({"imports"})
ENDED = {
    Ending.DONE: "",
    Ending.CRASHED: "ended before it answered",
    Ending.TIMED_OUT: "took longer than the lab allows",
    Ending.OUT_OF_MEMORY: "used more memory than the lab allows",
    Ending.NO_OUTPUT: "returned nothing",
    Ending.INVALID_OUTPUT: "returned something that cannot be used",
    Ending.NOT_RUN: "was not run",
}
FOUND = {
    Outcome.PASSED: "met",
    Outcome.FAILED: "not met; labrun check shows more, on public data",
    Outcome.SKIPPED: "not judged",
}
NOT_GRADED = "the grader could not finish; nothing is counted, and your trainer can see why"
STEPS = 50  # a value is told to this part of its mark, at the finest
NICE = (1, 2, 5, 10)


def exam_view(result: Result) -> Result:
    """Return the result without anything that learner code could have written hidden values into.

    A result that is not an exam's is returned as it is.
    """
    if result.mode is not Mode.EXAM:
        return result
    return Result(
        **{name: getattr(result, name) for name in SHOWN},
        reason=_reason(result),
        phases=tuple(_phase(each) for each in result.phases),
        checks=tuple(_check(each) for each in result.checks),
    )


def _reason(result: Result) -> str:
    """Return why there is no grade: of files that were refused before they ran, the whole of it."""
    if result.status is Status.INVALID or not result.reason:
        return result.reason
    return NOT_GRADED


def _phase(phase: PhaseInfo) -> PhaseInfo:
    return PhaseInfo(name=phase.name, ending=phase.ending, detail=ENDED[phase.ending])


def _check(check: CheckInfo) -> CheckInfo:
    told = check.type in STATIC or check.rationale.startswith("waits for ")
    return CheckInfo(
        id=check.id,
        type=check.type,
        title=check.title,
        outcome=check.outcome,
        points=check.points,
        of=check.of,
        gate=check.gate,
        rationale=check.rationale if told else FOUND[check.outcome],
        help=check.help if check.type in STATIC else None,
        reveal=check.reveal,
        fault=check.fault,
        estimate=coarse(check.estimate) if check.estimate else None,
        shown_from=check.shown_from,
        baseline=check.baseline,  # the lab's own, the same for everybody
        reference=check.reference,
    )


def coarse(estimate: Estimate) -> Estimate | None:
    """Return the estimate with few digits, or None where it is far from what it must reach.

    It is rounded to one standard error or to a fiftieth of the mark, whichever is more. Whoever
    returns a hidden value as a prediction could else read it back from an error measure.
    """
    marks = [abs(each) for each in (estimate.mark, estimate.full) if each is not None]
    scale = max(marks, default=0.0) or 1.0
    ends = (estimate.value, estimate.low, estimate.high)
    middle = estimate.mark or 0.0
    if not all(math.isfinite(each) and abs(each - middle) <= scale for each in ends):
        return None
    z = NormalDist().inv_cdf(0.5 + estimate.level / 2)
    step = nice_step(max((estimate.high - estimate.low) / (2 * z), scale / STEPS))
    value, low, high = (_rounded(each, step) for each in ends)
    return Estimate(
        metric=estimate.metric,
        value=value,
        low=low,
        high=high,
        level=estimate.level,
        method=estimate.method,
        n=estimate.n,
        direction=estimate.direction,
        mark=estimate.mark,
        full=estimate.full,
    )


def nice_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is at least ``least``."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(each * power for each in NICE if each * power >= least * (1 - 1e-9))


def _rounded(number: float, step: float) -> float:
    return float(f"{round(number / step) * step:.12g}")
