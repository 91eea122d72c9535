"""Marks on what was used: sizes, seconds of a processor, memory, and time beside another."""

from collections.abc import Callable
from typing import Any

import pytest

from labrun import wire
from labrun.domain.evidence import Ending, Evidence, PhaseResult, Timing
from labrun.domain.grade import Fault, Finding, Outcome
from labrun.domain.lab import Lab
from labrun.errors import LabError
from labrun.grading.grader import Grader, public_part
from labrun.sandbox.timing import ROUNDS

MODEL = wire.to_bytes({"model.pkl": b"x" * 2048})
PHASES = [
    {"name": "fit", "call": "s:fit", "input": "train"},
    {"name": "predict", "call": "s:predict", "input": "features"},
    {"name": "decide", "call": "s:decide", "input": "predict"},
]
Judge = Callable[..., Finding]


def phases(**fields: Any) -> tuple[PhaseResult, ...]:
    fit = PhaseResult(phase="fit", ending=Ending.DONE, output=MODEL, **fields)
    rest = [PhaseResult(phase=name, ending=Ending.DONE) for name in ("predict", "decide")]
    return (fit, *rest)


@pytest.fixture
def judge(lab: Callable[..., Lab], evidence: Callable[..., Evidence]) -> Judge:
    """Judge one check of a lab by what was seen."""

    def run(check: dict[str, Any], **fields: Any) -> Finding:
        files = fields.pop("files", {})
        made = lab({"id": "c", **check}, phases=PHASES)
        seen = evidence(1, **({"phases": phases()} | fields))
        return Grader(made).grade(seen, {}, files=files).results[0].finding

    return run


def budget(what: str, phase: str | None = "fit", **more: Any) -> dict[str, Any]:
    return {"type": "budget", "what": what, **({"phase": phase} if phase else {}), **more}


def test_every_file_that_was_handed_in_counts(judge: Judge) -> None:
    files = {"a.onnx": b"x" * 1024, "a.data": b"x" * 1024}
    exact = judge(budget("files-kb", None, at_most=2), files=files)
    assert (exact.outcome, exact.rationale) == (Outcome.PASSED, "2 KiB of files, at most 2")
    over = judge(budget("files-kb", None, at_most=2), files=files | {"b": b"x"})
    assert over.outcome is Outcome.FAILED


def test_the_size_of_a_model_is_that_of_its_bytes_which_nobody_opens(judge: Judge) -> None:
    assert judge(budget("model-kb", at_most=2)).outcome is Outcome.PASSED
    assert judge(budget("model-kb", at_most=1.9)).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("what", "field"), [("cpu-seconds", "cpu_seconds"), ("memory-mb", "memory_mb")]
)
def test_what_the_cgroup_saw_is_held_against_the_budget(
    judge: Judge, what: str, field: str
) -> None:
    assert judge(budget(what, at_most=3), phases=phases(**{field: 3.0})).outcome is Outcome.PASSED
    over = judge(budget(what, at_most=3), phases=phases(**{field: 3.1}))
    assert over.outcome is Outcome.FAILED
    assert over.rationale.startswith("3.1 ")


def test_what_nobody_measured_is_neither_a_pass_nor_a_zero(judge: Judge) -> None:
    found = judge(budget("cpu-seconds", at_most=3))
    assert (found.outcome, found.fault) == (Outcome.SKIPPED, Fault.PLATFORM)


def test_a_budget_may_be_a_multiple_of_what_the_reference_took(judge: Judge) -> None:
    check = budget("cpu-seconds", times_reference=1.5)
    other = phases(cpu_seconds=2.0)
    passed = judge(check, phases=phases(cpu_seconds=3.0), reference=other)
    assert passed.outcome is Outcome.PASSED
    assert passed.rationale == "3 CPU seconds, at most 3: 1.5 times the reference's 2"
    assert judge(check, phases=phases(cpu_seconds=3.1), reference=other).outcome is Outcome.FAILED


@pytest.mark.parametrize("reference", [(), phases()])
def test_a_reference_that_was_not_measured_is_the_lab_s_fault(
    judge: Judge, reference: tuple[PhaseResult, ...]
) -> None:
    check = budget("cpu-seconds", times_reference=1.5)
    found = judge(check, phases=phases(cpu_seconds=1.0), reference=reference)
    assert found.fault is Fault.LAB


def timing(*ratios: float, **more: Any) -> dict[str, Any]:
    own = tuple(0.001 * each for each in ratios)
    reference = (0.001,) * len(ratios)
    return {"timings": (Timing(phase="predict", own=own, reference=reference, **more),)}


LATENCY = {"type": "latency", "phase": "predict", "at_most": 2}


def test_a_phase_is_as_fast_as_the_middle_of_its_rounds(judge: Judge) -> None:
    found = judge(LATENCY, **timing(*[1.5] * 12, 9, 9, 9))
    assert found.outcome is Outcome.PASSED
    assert found.rationale.startswith("1.50 [1.50, 1.50] times the reference's time a row")


def test_only_what_is_clearly_slower_fails(judge: Judge) -> None:
    assert judge(LATENCY, **timing(*[1.9] * 4, *[2.5] * 11)).outcome is Outcome.PASSED
    assert judge(LATENCY, **timing(*[1.9] * 3, *[2.5] * 12)).outcome is Outcome.FAILED


def test_who_computes_while_the_other_is_timed_fails(judge: Judge) -> None:
    rounds = [1.0] * ROUNDS
    found = judge(LATENCY, **timing(*rounds, idle_share=0.9))
    assert (found.outcome, "used 90% of a processor" in found.rationale) == (Outcome.FAILED, True)
    assert judge(LATENCY, **timing(*rounds, idle_share=0.1)).outcome is Outcome.PASSED


def test_who_does_not_stand_being_asked_again_fails(judge: Judge) -> None:
    found = judge(LATENCY, **timing(1.0, ended="crashed"))
    assert found.outcome is Outcome.FAILED
    assert found.rationale.endswith("being asked again: crashed")


@pytest.mark.parametrize("seen", [{}, timing(), timing(1.0, 1.0)])
def test_a_phase_that_was_not_timed_is_a_fault_of_the_platform(
    judge: Judge, seen: dict[str, Any]
) -> None:
    assert judge(LATENCY, **seen).fault is Fault.PLATFORM


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (budget("files-kb", None), "needs one of 'at_most' and 'times_reference'"),
        (budget("files-kb", None, at_most=1, times_reference=2), "needs one of"),
        (budget("files-kb", at_most=1), "files are what was handed in"),
        (budget("cpu-seconds", None, at_most=1), "is measured of a phase: name it"),
        (budget("cpu-seconds", "fti", at_most=1), "there is no phase called 'fti'"),
        (budget("model-kb", "predict", at_most=1), "returns no model"),
        (budget("model-kb", times_reference=1), "the model is not kept"),
        (LATENCY | {"phase": "decide"}, "it is not called with a table"),
        (LATENCY | {"phase": "fit"}, "makes a model"),
        ({"type": "operators"}, "no phase that says what a model holds"),
        ({"type": "operators", "phase": "fit"}, "does not say what a model holds"),
    ],
)
def test_marks_that_cannot_be_measured_are_refused(
    lab: Callable[..., Lab], check: dict[str, Any], said: str
) -> None:
    with pytest.raises(LabError, match=said):
        Grader(lab({"id": "c", **check}, phases=PHASES))


def test_what_needs_the_solution_is_not_for_learners_to_check(lab: Callable[..., Lab]) -> None:
    checks = [
        {"id": "a", **budget("cpu-seconds", at_most=1)},
        {"id": "b", **budget("cpu-seconds", times_reference=1)},
        {"id": "c", **LATENCY},
    ]
    made = lab(*checks, phases=PHASES)
    assert [spec.id for spec in public_part(made, set()).checks] == ["a"]
    assert (Grader(made).needs_reference, Grader(made).timed) == (True, ("predict",))


OPERATORS = {
    "phases": [{"name": "look", "open": "m.onnx"}],
    "submission": {"kind": "model", "require": ["m.onnx"]},
}


@pytest.mark.parametrize(
    ("value", "options", "said"),
    [
        ({"operators": {"Gemm": 2, "Relu": 1}}, {"allow": ["Gemm", "Relu"]}, None),
        ({"operators": {"Gemm": 2}}, {}, None),
        ({"operators": {"Conv": 1, "Gemm": 2}}, {"allow": ["Gemm"]}, "1 operators are .* Conv"),
        ({"operators": {"x:Gemm": 2}}, {}, "x:Gemm"),
        ({"operators": {"\x1b[2J": 2}}, {"allow": ["Gemm"]}, r"x1b\[2J"),
        ({"operators": {}}, {}, "holds no operators"),
        ({"operators": {"Gemm": -1}}, {}, "holds no operators"),
        ({"operators": {"Gemm": True}}, {}, "holds no operators"),
        ({"operators": ["Gemm"]}, {}, "holds no operators"),
        ([1.0], {}, "holds no operators"),
        (b"no frame", {}, "frame|ends early"),
    ],
)
def test_a_model_is_made_of_what_the_lab_allows(
    lab: Callable[..., Lab],
    evidence: Callable[..., Evidence],
    value: Any,
    options: dict[str, Any],
    said: str | None,
) -> None:
    made = lab({"id": "c", "type": "operators", **options}, **OPERATORS)
    output = value if isinstance(value, bytes) else wire.to_bytes(value)
    look = PhaseResult(phase="look", ending=Ending.DONE, output=output)
    found = Grader(made).grade(evidence(1, phases=(look,)), {}).results[0].finding
    if said is None:
        assert (found.outcome, found.share) == (Outcome.PASSED, 1)
    else:
        assert found.outcome is Outcome.FAILED
        assert found.rationale.isprintable()
        with pytest.raises(AssertionError, match=said):
            raise AssertionError(found.rationale)
