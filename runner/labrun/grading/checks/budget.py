"""Did the submission keep to a budget that the host or the cgroup measured?"""

from typing import Literal

from pydantic import Field

from labrun import wire
from labrun.domain.evidence import PhaseResult
from labrun.domain.grade import Fault, Finding, Outcome
from labrun.domain.lab import Lab
from labrun.errors import LabError
from labrun.grading.check import Case, check, failed
from labrun.grading.options import OptionError, Options, known_phase

What = Literal["files-kb", "model-kb", "cpu-seconds", "memory-mb"]
KIB = 1024
UNITS: dict[What, str] = {
    "files-kb": "KiB of files",
    "model-kb": "KiB of model",
    "cpu-seconds": "CPU seconds",
    "memory-mb": "MB of memory",
}


class BudgetOptions(Options):
    """What is measured, of which phase, and the most there may be.

    ``times_reference`` measures in units of what the lab's own solution took in the same session.
    """

    what: What
    at_most: float | None = Field(default=None, gt=0)
    times_reference: float | None = Field(default=None, gt=0)
    phase: str | None = None

    def fit(self, lab: Lab) -> None:
        """See `Options.fit`."""
        if (self.at_most is None) == (self.times_reference is None):
            msg = "needs one of 'at_most' and 'times_reference'"
            raise OptionError(msg, field="at_most")
        if self.what == "files-kb":
            if self.phase or self.times_reference:
                msg = "files are what was handed in: give 'at_most' alone"
                raise OptionError(msg, field="what")
            return
        if self.phase is None:
            msg = f"{self.what!r} is measured of a phase: name it"
            raise OptionError(msg, field="phase")
        known_phase(lab, self.phase)
        phase = next(each for each in lab.phases if each.name == self.phase)
        if self.what == "model-kb" and lab.returns_of(phase) != "model":
            msg = f"phase {self.phase!r} returns no model"
            raise OptionError(msg, field="phase")
        if self.what == "model-kb" and self.times_reference:
            msg = "of the reference the model is not kept: give 'at_most'"
            raise OptionError(msg, field="times_reference")
        if phase.read:
            msg = f"phase {self.phase!r} runs nothing that could be measured"
            raise OptionError(msg, field="phase")

    def phases(self, lab: Lab) -> tuple[str, ...]:
        """See `Options.phases`."""
        del lab
        return (self.phase,) if self.phase else ()

    def needs_reference(self) -> bool:
        """See `Options.needs_reference`."""
        return self.times_reference is not None

    def is_public(self) -> bool:
        """See `Options.is_public`: learners do not have the solution."""
        return self.times_reference is None


@check("budget", BudgetOptions)
def budget(options: BudgetOptions, case: Case) -> Finding:
    """Pass when no more was used than the budget; equal is within it."""
    if options.phase is None:
        return _files(options, case)
    result = case.evidence.phase(options.phase)
    used = _measured(options.what, result) if result else None
    if used is None:  # neither a pass nor a zero
        msg = f"{options.what} of phase {options.phase!r} was not measured"
        return Finding(outcome=Outcome.SKIPPED, rationale=msg, fault=Fault.PLATFORM)
    if options.times_reference is None:
        return _judged(options, used, options.at_most or 0)
    least = _of_reference(options, case)
    return _judged(options, used, options.times_reference * least, reference=least)


def _files(options: BudgetOptions, case: Case) -> Finding:
    if not case.files:
        return failed("there are no files to weigh")
    return _judged(options, sum(map(len, case.files.values())) / KIB, options.at_most or 0)


def _of_reference(options: BudgetOptions, case: Case) -> float:
    """Return what the lab's own solution used; raise `LabError` if that is not known."""
    found = next((p for p in case.evidence.reference if p.phase == options.phase), None)
    least = _measured(options.what, found) if found else None
    if not least:
        msg = f"the lab's own solution was not measured in phase {options.phase!r}"
        raise LabError(msg, help="run: labrun lab validate")
    return least


def _judged(
    options: BudgetOptions, used: float, most: float, *, reference: float | None = None
) -> Finding:
    unit = UNITS[options.what]
    said = f"{used:,.4g} {unit}, at most {most:,.4g}"
    if reference is not None:
        said += f": {options.times_reference:g} times the reference's {reference:,.4g}"
    if used > most:
        return failed(said)
    return Finding(outcome=Outcome.PASSED, rationale=said, share=1)


def _measured(what: What, result: PhaseResult) -> float | None:
    if what == "cpu-seconds":
        return result.cpu_seconds
    if what == "memory-mb":
        return result.memory_mb
    if result.output is None:
        return None
    files = wire.from_bytes(result.output)
    return sum(map(len, files.values())) / KIB if isinstance(files, dict) else None
