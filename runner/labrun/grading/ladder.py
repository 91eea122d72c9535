"""Show of a value only so much that many attempts cannot learn the hidden rows from it.

The Ladder of Blum and Hardt (ICML 2015) in its form without parameters: what is shown changes only
if a submission beats it by more than the standard error of the difference, both measured on the
same rows. It is shown in whole standard errors. That one standard error alone still lets a few
hundred random submissions climb more than two; why it grows with the tries, and what that costs, is
in ``docs/decisions/0013-what-a-learner-is-shown-of-a-value.md``.
"""

import math
from typing import Literal

from labrun.domain.grade import Estimate
from labrun.grading.metric import METRICS
from labrun.grading.uncertainty import Z, standard_error

Towards = Literal["nearest", "worse"]
SURE = 1e-9  # of a step: what only the arithmetic makes a difference


def coarse(estimate: Estimate, towards: Towards = "nearest") -> Estimate:
    """Return the estimate in whole standard errors, its interval as wide as the rounded value has.

    The standard error is taken to one digit first: with more of them, or with the ends of the real
    interval, the value could be worked out again.
    """
    step = step_of(standard_error(estimate))
    if not math.isfinite(step) or step == 0:
        return estimate.model_copy(update={"seeds": ()})
    metric = METRICS[estimate.metric]
    worst, best = sorted((metric.worst, metric.best))
    value = min(max(_rounded(estimate, step, towards), worst), best)
    return estimate.model_copy(
        update={
            "value": value,
            "low": max(_plain(value - Z * step), worst),
            "high": min(_plain(value + Z * step), best),
            "seeds": (),
        }
    )


def step_of(error: float) -> float:
    """Return a standard error rounded to one digit; what is not finite or 0 stays so."""
    return float(f"{error:.0e}")


def needed_errors(tries: int) -> float:
    """Return by how many standard errors the submission number ``tries`` must be better.

    One at least. The best of t submissions that differ by luck alone stands about sqrt(2 ln t)
    standard errors above their mean, so that much shows nothing.
    """
    return max(1.0, math.sqrt(2 * math.log(max(tries, 1))))


def climbs(new: Estimate, shown: Estimate, *, error: float, tries: int) -> bool:
    """Return whether ``new`` is clearly better than what is shown, by a step at least.

    ``error`` is the standard error of the difference to the submission that ``shown`` was measured
    on; ``tries`` counts the graded submissions, the new one among them.
    """
    sign = 1 if new.direction == "higher" else -1
    gain = sign * (new.value - shown.value)
    risen = sign * (coarse(new, "worse").value - shown.value)
    return risen > SURE * abs(shown.value) and gain > needed_errors(tries) * error


def _rounded(estimate: Estimate, step: float, towards: Towards) -> float:
    steps = estimate.value / step
    if towards == "nearest":
        return _plain(round(steps) * step)
    whole = math.floor(steps + SURE) if estimate.direction == "higher" else math.ceil(steps - SURE)
    return _plain(whole * step)


def _plain(number: float) -> float:
    return float(f"{number:.12g}")
