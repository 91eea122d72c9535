"""Do the learner's functions do what they must? Ordinary pytest, run in a trusted process."""

from pydantic import Field

from labrun.domain.evidence import Ending, UnitEnding, UnitResult
from labrun.domain.grade import Fault, Finding, Outcome
from labrun.errors import LabError
from labrun.grading.check import Case, check, ended_badly, failed
from labrun.grading.options import Options

HINTS_SHOWN = 8
HINT_CHARS = 300
SAID = {
    UnitEnding.WRONG: "not met",
    UnitEnding.RAISED: "your code raised an exception",
    UnitEnding.TIMED_OUT: "took too long",
    UnitEnding.OUT_OF_MEMORY: "used too much memory",
    UnitEnding.DIED: "the process ended before it answered",
    UnitEnding.PROTOCOL: "the answer could not be read",
}


class HiddenTestsOptions(Options):
    """Where the tests are, and which share of their points makes the check pass."""

    path: str = Field(pattern=r"^(hidden|public)(/\w[\w.-]*)+\.py$")
    at_least: float = Field(default=1.0, gt=0, le=1)

    def is_public(self) -> bool:
        """See `Options.is_public`."""
        return self.path.startswith("public/")


@check("hidden-tests", HiddenTestsOptions)
def hidden_tests(options: HiddenTestsOptions, case: Case) -> Finding:
    """Earn the share of the tests' points; a run that is not complete is the lab's fault."""
    spec = case.spec
    run = case.evidence.unit(spec.id) if spec else None
    if spec is None or run is None:
        return _never_run(case)
    broken = [each for each in run.results if each.ending is UnitEnding.LAB_ERROR]
    if not run.complete or broken:
        what = f"test {broken[0].test!r} is broken" if broken else "not every test reported"
        return Finding(outcome=Outcome.SKIPPED, rationale=what, fault=Fault.LAB)
    possible = sum(each.points for each in run.results)
    earned = sum(each.points for each in run.results if each.ending is UnitEnding.PASSED)
    if not possible > 0:
        msg = "no test of it carries points"
        raise LabError(msg, help="mark the tests with @pytest.mark.points(n)")
    share = earned / possible
    lost = [each for each in run.results if each.ending is not UnitEnding.PASSED]
    return Finding(
        outcome=Outcome.PASSED if share >= options.at_least else Outcome.FAILED,
        rationale=f"{earned:g} of {possible:g} points, {_counted(len(lost), len(run.results))}",
        help=_hints(lost, spec.reveal),
        share=share,
    )


def _counted(lost: int, tests: int) -> str:
    return f"{lost} of {tests} tests failed" if lost else f"{tests} tests"


def _never_run(case: Case) -> Finding:
    broken = next((p for p in case.evidence.phases if p.ending is not Ending.DONE), None)
    if broken is None:
        why = "the tests were never run"
        return Finding(outcome=Outcome.SKIPPED, rationale=why, fault=Fault.PLATFORM)
    return failed(f"not reached: {ended_badly(broken)}")


def _hints(lost: list[UnitResult], reveal: str) -> str | None:
    if reveal == "outcome" or not lost:
        return None
    lines = [_line(each, reveal) for each in lost[:HINTS_SHOWN]]
    if len(lost) > HINTS_SHOWN:
        lines.append(f"and {len(lost) - HINTS_SHOWN} more")
    return "\n".join(lines)


def _line(lost: UnitResult, reveal: str) -> str:
    said = f"{lost.hint} [{SAID[lost.ending]}]" if lost.hint else SAID[lost.ending]
    if reveal == "all":
        said = f"{lost.test}: {said}"
        # What learner code raised is its own; what a failed assertion shows may be hidden data.
        if lost.ending is UnitEnding.RAISED and lost.message:
            said += f" ({lost.message})"
    return " ".join(said.split())[:HINT_CHARS]
