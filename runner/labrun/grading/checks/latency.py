"""Is a phase as fast as it must be, beside the lab's own solution on the same machine?"""

from statistics import median

from pydantic import Field

from labrun.domain.evidence import Timing
from labrun.domain.grade import Fault, Finding, Outcome
from labrun.domain.lab import Lab
from labrun.grading.check import Case, check, failed
from labrun.grading.options import OptionError, Options, known_phase

IDLE_MOST = 0.25  # of the other's time; a sleeping process of Python uses some percent
# Of 15 rounds, so many of either end are left out: by the binomial distribution the true median
# is within the rest with a chance of 96.5 %.
ROUNDS, OUTSIDE = 15, 3


class LatencyOptions(Options):
    """The phase, and how many times the reference's seconds a row it may take."""

    phase: str
    at_most: float = Field(gt=0)

    def fit(self, lab: Lab) -> None:
        """See `Options.fit`."""
        known_phase(lab, self.phase)
        phase = next(each for each in lab.phases if each.name == self.phase)
        earlier = {each.name for each in lab.phases}
        if phase.entry not in ("call", "open") or not phase.input or phase.input[0] in earlier:
            msg = f"phase {self.phase!r} cannot be timed: it is not called with a table"
            raise OptionError(
                msg, field="phase", help="name one with `call` or `open`, and a table"
            )
        if lab.returns_of(phase) == "model":
            msg = f"phase {self.phase!r} makes a model"
            raise OptionError(msg, field="phase", help="to limit training, use `budget`")

    def phases(self, lab: Lab) -> tuple[str, ...]:
        """See `Options.phases`."""
        del lab
        return (self.phase,)

    def timed(self) -> str:
        """See `Options.timed`."""
        return self.phase

    def is_public(self) -> bool:
        """See `Options.is_public`: learners do not have the solution."""
        return False


@check("latency", LatencyOptions)
def latency(options: LatencyOptions, case: Case) -> Finding:
    """Pass unless the phase is clearly slower: the whole interval of the ratio above the mark."""
    found = next((t for t in case.evidence.timings if t.phase == options.phase), None)
    if found is None or (len(found.own) != ROUNDS and not found.ended):
        said = f"phase {options.phase!r} was never timed"
        return Finding(outcome=Outcome.SKIPPED, rationale=said, fault=Fault.PLATFORM)
    return _unfair(found) or _judged(options, found)


def _unfair(found: Timing) -> Finding | None:
    """Return the finding where the submission could not be timed, or disturbed the other."""
    if found.ended:
        return failed(f"phase {found.phase!r} did not stand being asked again: {found.ended}")
    if found.idle_share is not None and found.idle_share > IDLE_MOST:
        said = f"used {found.idle_share:.0%} of a processor while it had nothing to do"
        return failed(said, help="stop threads and processes before the function returns")
    return None


def _judged(options: LatencyOptions, found: Timing) -> Finding:
    ratios = sorted(a / b for a, b in zip(found.own, found.reference, strict=True))
    low, high = ratios[OUTSIDE], ratios[-1 - OUTSIDE]
    said = (
        f"{median(ratios):.2f} [{low:.2f}, {high:.2f}] times the reference's time a row, "
        f"{len(ratios)} rounds in turns; at most {options.at_most:g}"
    )
    if low > options.at_most:
        return failed(said)
    return Finding(outcome=Outcome.PASSED, rationale=said, share=1)
