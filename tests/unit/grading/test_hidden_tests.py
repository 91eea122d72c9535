from collections.abc import Callable
from typing import Any

import pytest

from labrun.domain.evidence import Ending, Evidence, PhaseResult, UnitRun
from labrun.domain.grade import Fault, Finding, Outcome
from labrun.domain.lab import Lab
from labrun.errors import LabError
from labrun.grading.grader import Grader

SPEC = {"id": "functions", "type": "hidden-tests", "path": "hidden/test_x.py", "points": 20}
HALF = (("passed", 3.0), ("wrong", 2.0), ("passed", 1.0))
MakeRun = Callable[..., UnitRun]
Judge = Callable[..., Finding]


@pytest.fixture
def judge(lab: Callable[..., Lab], evidence: Callable[..., Evidence]) -> Judge:
    """Grade what the tests reported, or that they did not; returns the finding."""

    def judged(*units: UnitRun, phases: Any = None, **options: Any) -> Finding:
        fields = {"units": units} | ({} if phases is None else {"phases": phases})
        return Grader(lab({**SPEC, **options})).grade(evidence(1, **fields), {}).results[0].finding

    return judged


def test_points_are_the_share_earned(judge: Judge, run: MakeRun) -> None:
    found = judge(run(*HALF))
    assert found.share == pytest.approx(4 / 6)
    assert found.outcome is Outcome.FAILED
    assert found.rationale == "4 of 6 points, 1 of 3 tests failed"


def test_all_tests_passed_is_a_pass(judge: Judge, run: MakeRun) -> None:
    found = judge(run(("passed", 0.1), ("passed", 0.2), ("passed", 0.3)))
    assert (found.outcome, found.share, found.help) == (Outcome.PASSED, 1, None)


def test_a_lab_may_pass_less_than_all(judge: Judge, run: MakeRun) -> None:
    assert judge(run(*HALF), at_least=0.6).outcome is Outcome.PASSED
    assert judge(run(*HALF), at_least=0.7).outcome is Outcome.FAILED


def test_every_ending_but_passed_loses_the_points(judge: Judge, run: MakeRun) -> None:
    lost = ["wrong", "raised", "timed-out", "out-of-memory", "died", "protocol"]
    found = judge(run(*((ending, 1.0) for ending in lost)))
    assert (found.share, found.outcome) == (0, Outcome.FAILED)
    assert found.help
    assert len(found.help.splitlines()) == len(lost)


def test_reveal_decides_how_much_is_told(judge: Judge, run: MakeRun) -> None:
    raised = run(("raised", 1.0), message="ValueError: your\nown words")
    assert judge(raised).help == (
        "test_0: hint 0 [your code raised an exception] (ValueError: your own words)"
    )
    assert judge(raised, reveal="hint").help == "hint 0 [your code raised an exception]"
    assert judge(raised, reveal="outcome").help is None


def test_what_an_assertion_compared_is_never_told(judge: Judge, run: MakeRun) -> None:
    wrong = run(("wrong", 1.0), message="AssertionError: 0.123 == 0.456")
    for reveal in ("all", "hint", "outcome"):
        assert "0.456" not in str(judge(wrong, reveal=reveal))


def test_a_test_without_a_hint_says_how_it_ended(judge: Judge, run: MakeRun) -> None:
    assert judge(run(("timed-out", 1.0), hint=None), reveal="hint").help == "took too long"


def test_hints_are_bounded(judge: Judge, run: MakeRun) -> None:
    told = judge(run(*[("wrong", 1.0)] * 50, hint="x" * 1000)).help or ""
    assert told.endswith("and 42 more")
    assert len(told) < 3000


@pytest.mark.parametrize(
    "results", [[("passed", 1.0), ("lab-error", 1.0)], [("passed", 0.0)], []], ids=str
)
def test_broken_or_worthless_tests_are_the_labs_fault(
    judge: Judge, run: MakeRun, results: list[tuple[str, float]]
) -> None:
    found = judge(run(*results))
    assert (found.outcome, found.share, found.fault) == (Outcome.SKIPPED, 0, Fault.LAB)


def test_a_run_that_is_not_complete_is_no_result(judge: Judge, run: MakeRun) -> None:
    found = judge(run(("passed", 1.0), complete=False))
    assert (found.outcome, found.share, found.fault) == (Outcome.SKIPPED, 0, Fault.LAB)


def test_tests_that_were_never_run_are_the_platforms_fault(judge: Judge) -> None:
    found = judge()
    assert (found.outcome, found.fault) == (Outcome.SKIPPED, Fault.PLATFORM)


def test_tests_that_a_crash_kept_from_running_are_failed(judge: Judge) -> None:
    crashed = PhaseResult(phase="fit", ending=Ending.TIMED_OUT, seconds=60)
    found = judge(phases=(crashed,))
    assert (found.outcome, found.fault) == (Outcome.FAILED, None)
    assert found.rationale == "not reached: phase 'fit' took too long (60 s)"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"path": "tests/x.py"}, r"checks\.functions\.path: .* found 'tests/x.py'"),
        ({"path": "hidden/../../x.py"}, r"checks\.functions\.path"),
        ({"at_least": 0}, r"checks\.functions\.at_least: .* found 0"),
        ({"at_least": 1.1}, r"checks\.functions\.at_least: .* found 1.1"),
        ({"reveals": "all"}, r"checks\.functions\.reveals: there is no such key"),
    ],
)
def test_wrong_options_are_refused_by_field(
    judge: Judge, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(LabError, match=said):
        judge(**options)
