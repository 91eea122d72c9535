"""Did a phase run to its end?"""

from labrun.domain.evidence import Ending
from labrun.domain.grade import Finding, Outcome
from labrun.domain.lab import Lab
from labrun.grading.check import Case, check, ended_badly, failed
from labrun.grading.options import Options, known_phase


class PhaseOptions(Options):
    """Which phase to look at."""

    phase: str

    def fit(self, lab: Lab) -> None:
        """See `Options.fit`."""
        known_phase(lab, self.phase)

    def phases(self, lab: Lab) -> tuple[str, ...]:
        """See `Options.phases`."""
        del lab
        return (self.phase,)


@check("phase", PhaseOptions)
def phase(options: PhaseOptions, case: Case) -> Finding:
    """Pass when the phase ended by itself and handed on what it owes."""
    result = case.evidence.phase(options.phase)
    if result is None or result.ending is not Ending.DONE:
        return failed(ended_badly(result) if result else f"phase {options.phase!r} was not run")
    return Finding(outcome=Outcome.PASSED, rationale=f"ran in {result.seconds:.1f} s", share=1)
