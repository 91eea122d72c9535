import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from labrun.domain.evidence import Ending, Evidence, LearnerError, PhaseResult, UnitRun
from labrun.domain.grade import Fault, Outcome, Verdict
from labrun.domain.lab import Lab
from labrun.errors import LabError, PlatformError
from labrun.grading.check import options_schema
from labrun.grading.grader import Grader, public_part, refuse_unscored

TRUTH = np.arange(100) % 2
RANKS = np.random.default_rng(0).normal(size=100) + 2.0 * TRUTH
CONTRACT = {"id": "contract", "type": "schema", "gate": True}
AUC = {
    "id": "auc",
    "type": "threshold",
    "metric": "roc_auc",
    "decision": {"rule": "ramp", "floor": 0.5, "full": 0.8},
    "points": 60,
    "needs": ["contract"],
}
PUBLIC = {"id": "public", "type": "hidden-tests", "path": "public/test_a.py", "points": 10}
FUNCTIONS = {"id": "functions", "type": "hidden-tests", "path": "hidden/test_a.py", "points": 40}
MakeLab = Callable[..., Lab]
MakeEvidence = Callable[..., Evidence]
MakeRun = Callable[..., UnitRun]


def answers() -> dict[str, dict[str, Any]]:
    return {"truth": {"label": TRUTH}}


def test_a_grade_adds_up(lab: MakeLab, evidence: MakeEvidence, run: MakeRun) -> None:
    seen = evidence(RANKS, units=(run(("passed", 3.0), ("wrong", 1.0)),))
    grade = Grader(lab(CONTRACT, AUC, FUNCTIONS)).grade(seen, answers())
    assert [(each.id, each.points, each.of) for each in grade.results] == [
        ("contract", 0, 0),
        ("auc", 60, 60),
        ("functions", 30, 40),
    ]
    assert (grade.score, grade.verdict, grade.failed_gates) == (90, Verdict.PASSED, ())
    assert (grade.lab, grade.submission, grade.pass_score) == ("a-lab", "ab" * 32, 70)


def test_the_same_evidence_gives_the_same_bytes(
    lab: MakeLab, evidence: MakeEvidence, run: MakeRun
) -> None:
    rmse = {**AUC, "id": "ap", "metric": "average_precision", "needs": []}
    seen = evidence(RANKS, units=(run(("raised", 1.0), ("passed", 1.0)),))
    kept = Evidence.model_validate(seen.model_dump())
    bodies = {
        Grader(lab(CONTRACT, AUC, rmse, FUNCTIONS)).grade(each, answers()).model_dump_json()
        for each in (seen, seen, kept)
    }
    assert len(bodies) == 1


def test_too_few_points_fail(lab: MakeLab, evidence: MakeEvidence, run: MakeRun) -> None:
    seen = evidence(RANKS, units=(run(("wrong", 1.0)),))
    grade = Grader(lab(CONTRACT, AUC, FUNCTIONS)).grade(seen, answers())
    assert (grade.score, grade.verdict, grade.failed_gates) == (60, Verdict.FAILED, ())


def test_a_failed_gate_fails_whatever_the_points(lab: MakeLab, evidence: MakeEvidence) -> None:
    gate = {"id": "gate", "type": "schema", "kind": "probability", "gate": True}
    grade = Grader(lab(gate, {**AUC, "needs": []})).grade(evidence(RANKS), answers())
    assert (grade.score, grade.verdict, grade.failed_gates) == (100, Verdict.FAILED, ("gate",))


def test_what_needs_a_failed_check_is_skipped_with_the_reason(
    lab: MakeLab, evidence: MakeEvidence
) -> None:
    last = {"id": "last", "type": "phase", "phase": "predict", "needs": ["auc"], "gate": True}
    grade = Grader(lab(CONTRACT, AUC, last)).grade(evidence(["a"] * 100), answers())
    assert [each.finding.outcome for each in grade.results] == [
        Outcome.FAILED,
        Outcome.SKIPPED,
        Outcome.SKIPPED,
    ]
    assert grade.results[1].finding.rationale == "waits for 'contract' to pass"
    assert grade.failed_gates == ("contract", "last")
    assert (grade.score, grade.verdict) == (0, Verdict.FAILED)


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (Ending.CRASHED, "crashed: ValueError: no"),
        (Ending.TIMED_OUT, r"took too long \(3 s\)"),
        (Ending.OUT_OF_MEMORY, "used more than 64 MB"),
        (Ending.NO_OUTPUT, "returned nothing"),
        (Ending.INVALID_OUTPUT, "returned something unusable"),
        (Ending.NOT_RUN, "was not run"),
    ],
)
def test_a_phase_that_ended_badly_fails_its_checks_and_what_comes_after(
    lab: MakeLab, evidence: MakeEvidence, ending: Ending, said: str
) -> None:
    broken = PhaseResult(
        phase="fit",
        ending=ending,
        seconds=3,
        memory_limit_mb=64,
        error=LearnerError(type="ValueError", message="no"),
    )
    fit = {"id": "fit", "type": "phase", "phase": "fit"}
    seen = evidence(None, phases=(broken,))
    grade = Grader(lab(fit, {**AUC, "needs": []})).grade(seen, answers())
    for each, start in zip(grade.results, ("phase 'fit'", "not reached: phase 'fit'"), strict=True):
        assert (each.finding.outcome, each.finding.fault) == (Outcome.FAILED, None)
        assert each.finding.rationale.startswith(start)
    assert re.search(said, grade.results[0].finding.rationale)


def test_a_phase_that_never_reported_is_the_platforms_fault(
    lab: MakeLab, evidence: MakeEvidence
) -> None:
    seen = evidence(RANKS)
    lost = seen.model_copy(update={"phases": seen.phases[:1]})
    grade = Grader(lab(CONTRACT, {**AUC, "needs": []})).grade(lost, answers())
    for each in grade.results:
        assert (each.finding.outcome, each.finding.fault) == (Outcome.SKIPPED, Fault.PLATFORM)
    assert (grade.score, grade.verdict) == (0, Verdict.FAILED)


def test_values_lost_from_the_evidence_are_no_result(lab: MakeLab, evidence: MakeEvidence) -> None:
    done = PhaseResult(phase="predict", ending=Ending.DONE)
    with pytest.raises(PlatformError, match="lacks what phase 'predict' returned"):
        Grader(lab(CONTRACT)).grade(evidence(None, phases=(done,)), {})


def test_nothing_reported_is_never_a_pass(lab: MakeLab, evidence: MakeEvidence) -> None:
    grade = Grader(lab(CONTRACT, AUC, FUNCTIONS)).grade(evidence(0, phases=()), answers())
    assert grade.verdict is Verdict.FAILED
    assert all(each.points == 0 for each in grade.results)


def test_a_truth_that_is_missing_is_the_labs_fault(lab: MakeLab, evidence: MakeEvidence) -> None:
    finding = Grader(lab({**AUC, "needs": []})).grade(evidence(RANKS), {}).results[0].finding
    assert (finding.outcome, finding.fault) == (Outcome.SKIPPED, Fault.LAB)
    assert finding.rationale == "the data set has no table 'truth'"


def test_truth_tables_are_those_the_checks_read(lab: MakeLab) -> None:
    other = {**AUC, "id": "other", "truth": "truth_other"}
    assert Grader(lab(CONTRACT, AUC, other)).truth_tables == {"truth", "truth_other"}
    assert Grader(lab(CONTRACT)).truth_tables == frozenset()


def test_every_check_is_bound_before_any_evidence(lab: MakeLab) -> None:
    with pytest.raises(LabError, match=r"checks\.bad\.type: there is no check type") as caught:
        Grader(lab(CONTRACT, {"id": "bad", "type": "treshold"}))
    assert caught.value.help == "did you mean 'threshold'?"


def test_a_lab_without_points_is_refused(lab: MakeLab) -> None:
    with pytest.raises(LabError, match="no check of lab 'a-lab' carries points"):
        refuse_unscored(lab(CONTRACT))
    refuse_unscored(lab(CONTRACT, AUC))


@pytest.mark.parametrize(
    ("values", "verdict"), [(RANKS, Verdict.PASSED), (["a"] * 100, Verdict.FAILED)]
)
def test_a_part_without_points_passes_when_all_its_checks_do(
    lab: MakeLab, evidence: MakeEvidence, values: Any, verdict: Verdict
) -> None:
    phase = {"id": "phase", "type": "phase", "phase": "predict"}
    schema = {**CONTRACT, "gate": False}
    assert Grader(lab(phase, schema)).grade(evidence(values), {}).verdict is verdict


def test_the_public_part_has_no_hidden_tests_and_no_hidden_truth(lab: MakeLab) -> None:
    districts = {**AUC, "id": "districts", "truth": "truth_districts"}
    whole = lab(
        CONTRACT,
        {**PUBLIC, "needs": ["contract"]},
        FUNCTIONS,
        AUC,
        districts,
        controls={"cheats": {"a": "functions", "b": "auc"}},
        leaderboard={"check": "districts"},
    )
    part = public_part(whole, {"truth", "train"})
    assert [check.id for check in part.checks] == ["contract", "public", "auc"]
    assert part.leaderboard is None
    assert part.controls.cheats == {"b": "auc"}
    assert Lab.model_validate(part.model_dump(by_alias=True)) == part
    assert [check.id for check in public_part(whole, set()).checks] == ["contract", "public"]
    assert public_part(whole, {"truth_districts"}).leaderboard == whole.leaderboard


def test_the_public_part_keeps_what_a_left_out_check_needed(lab: MakeLab) -> None:
    middle = {**FUNCTIONS, "needs": ["contract"]}
    whole = lab(CONTRACT, middle, {**AUC, "needs": ["functions", "contract"]})
    part = public_part(whole, {"truth"})
    assert part.checks[1].needs == ("contract",)
    assert whole.checks[2].needs == ("functions", "contract")


def test_editors_learn_the_options_of_every_check_type() -> None:
    schema = options_schema()
    assert {"hidden-tests", "phase", "schema", "threshold"} <= set(schema)
    assert schema["threshold"]["required"] == ["metric", "decision"]
    assert all(each["additionalProperties"] is False for each in schema.values())
