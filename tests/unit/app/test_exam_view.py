"""What an exam tells is a list; a field that nobody put on it stays out."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.report.conftest import FIT, PREDICT, check, confusion, estimate, result, roc

from labrun.app.exam_view import NOT_GRADED, SHOWN, coarse, exam_view, nice_step
from labrun.domain.evidence import Ending, LearnerError
from labrun.domain.grade import Estimate, Fault, Outcome, Plot, Verdict
from labrun.domain.mode import Mode
from labrun.domain.result import CheckInfo, PhaseInfo, Result, Status

PLANTED = "4242407"
WITHHELD = {"timings", "plots", "seconds"}
PROJECTED = {"reason", "phases", "checks"}
FAILED = PhaseInfo(
    name="predict",
    ending=Ending.CRASHED,
    detail=PLANTED,
    queued_seconds=1.5,
    seconds=4.2,
    exit_code=42,
    cpu_seconds=4.1,
    memory_mb=99,
    memory_limit_mb=256,
    rows=77,
    error=LearnerError(type=f"E{PLANTED}", message=PLANTED, where=(f"{PLANTED}.py:7",)),
    log=PLANTED,
)


def exam(**more: Any) -> Result:
    checks = (
        check("form", "schema", Outcome.FAILED, f"expected (9,), got ({PLANTED},)", help=PLANTED),
        check("functions", "hidden-tests", Outcome.FAILED, PLANTED, points=3, of=4, help=PLANTED),
        check("later", "phase", Outcome.SKIPPED, "waits for 'form' to pass", of=5),
        check("lost", "probe", Outcome.SKIPPED, PLANTED, fault=Fault.PLATFORM),
        check(
            "source", "imports", Outcome.FAILED, "solution.py:3: imports 'os'", help="allowed: re"
        ),
    )
    fields: dict[str, Any] = {
        "mode": Mode.EXAM,
        "verdict": Verdict.FAILED,
        "score": 33.3,
        "phases": (FIT, FAILED),
        "checks": checks,
        "plots": (roc(), confusion()),
    }
    return result(**{**fields, **more})


def test_a_result_of_practice_is_left_as_it_is() -> None:
    practised = exam(mode=Mode.PRACTICE)
    assert exam_view(practised) is practised


def test_nothing_learner_code_chose_is_told() -> None:
    told = exam_view(exam())
    assert PLANTED not in told.model_dump_json()
    assert (told.seconds, told.timings, told.plots) == (None, {}, ())
    fit, predict = told.phases
    assert fit == PhaseInfo(name="fit", ending=Ending.DONE)
    assert predict == PhaseInfo(
        name="predict", ending=Ending.CRASHED, detail="ended before it answered"
    )


def test_outcomes_points_and_what_the_source_alone_says_are_told() -> None:
    told = {each.id: each for each in exam_view(exam()).checks}
    assert (told["functions"].points, told["functions"].of) == (3, 4)
    assert told["functions"].rationale.startswith("not met")
    assert told["functions"].help is None
    assert told["later"].rationale == "waits for 'form' to pass"
    assert told["lost"].rationale == "not judged"
    assert told["source"].rationale == "solution.py:3: imports 'os'"
    assert told["source"].help == "allowed: re"


def test_a_fault_that_is_not_the_learner_s_is_not_explained() -> None:
    fault = {"status": Status.SYSTEM_ERROR, "verdict": None, "score": None, "fault": Fault.LAB}
    assert exam_view(exam(**fault, reason=f"test_double[{PLANTED}]")).reason == NOT_GRADED


def test_files_that_were_refused_before_they_ran_are_explained() -> None:
    refused = {"status": Status.INVALID, "verdict": None, "score": None, "checks": (), "phases": ()}
    why = "solution.py:3: invalid syntax"
    assert exam_view(exam(**refused, reason=why)).reason == why


def test_every_field_of_a_result_is_told_or_withheld_on_purpose() -> None:
    """Put a new field into SHOWN if learner code cannot choose it, else into the sets here."""
    assert set(SHOWN) | WITHHELD | PROJECTED == set(Result.model_fields)
    told = {*PhaseInfo(name="x", ending=Ending.DONE).model_fields_set, "detail"}
    withheld = set(PhaseInfo.model_fields) - told
    assert withheld == set(FAILED.model_fields_set) - told
    shown = set(exam_view(exam()).checks[0].model_fields_set)
    assert shown == set(CheckInfo.model_fields)
    rounded = coarse(estimate("auc", 0.86, 0.84, 0.88, mark=0.8))
    assert rounded
    assert set(Estimate.model_fields) - rounded.model_fields_set == {"seeds"}


def test_a_value_is_told_to_its_standard_error() -> None:
    rounded = coarse(estimate("roc_auc", 0.8613, 0.8402, 0.8801, mark=0.77, full=0.85))
    assert rounded
    assert (rounded.value, rounded.low, rounded.high) == (0.86, 0.84, 0.88)


def test_a_value_far_from_its_mark_is_not_told() -> None:
    assert (
        coarse(estimate("rmse", 4242407.0, 4242406.9, 4242407.1, mark=4, direction="lower")) is None
    )
    assert coarse(estimate("rmse", float("inf"), 0, 1, mark=4, direction="lower")) is None


@example(value=6.103515625e-05, down=6.103515625e-05, up=6.103515625e-05, mark=0.001)
@given(
    value=st.floats(-10, 10),
    down=st.floats(0, 5),
    up=st.floats(0, 5),
    mark=st.none() | st.just(0.0) | st.floats(1e-3, 2) | st.floats(-2, -1e-3),
)
def test_a_value_is_one_of_few(value: float, down: float, up: float, mark: float | None) -> None:
    rounded = coarse(estimate("r2", value, value - down, value + up, mark=mark))
    if rounded is None:
        return
    scale = abs(mark or 0) or 1.0
    step = nice_step(scale / 50)
    wider = nice_step(1.01 * step)  # 5 is no multiple of 2; all wider steps are of one of the two
    of = [rounded.value / each for each in (step, wider)]
    assert any(abs(each - round(each)) < 1e-6 for each in of)
    assert abs(rounded.value - (mark or 0)) <= 2 * scale + 5 * step + (up + down)


@pytest.mark.parametrize(
    ("least", "step"), [(0.011, 0.02), (0.01, 0.01), (0.0051, 0.01), (30, 50), (51, 100), (1, 1)]
)
def test_steps_are_round_numbers(least: float, step: float) -> None:
    assert nice_step(least) == pytest.approx(step)


def test_a_plot_is_never_told() -> None:
    plot = Plot(id="p", kind="residuals", title="t", series={"left": (4242407.0,)})
    assert exam_view(exam(plots=(plot,), phases=(PREDICT,))).plots == ()
