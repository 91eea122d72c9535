import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from labrun.domain.evidence import Evidence
from labrun.domain.grade import Fault, Finding, Outcome
from labrun.domain.lab import Lab
from labrun.errors import LabError
from labrun.grading.check import bind
from labrun.grading.grader import Grader

MakeLab = Callable[..., Lab]
MakeEvidence = Callable[..., Evidence]

TRUTH = np.arange(200) % 2
SCORES = np.random.default_rng(1).normal(size=200) + 1.5 * TRUTH
AREA = float(np.mean(SCORES[TRUTH == 1][:, None] > SCORES[TRUTH == 0]))  # no two scores are equal
POINT = {"rule": "point", "at": 0.8}


@pytest.fixture
def judge(lab: MakeLab, evidence: MakeEvidence) -> Any:
    """Grade predictions by one threshold check; returns its finding."""

    def run(predicted: Any, *, truth: Any = TRUTH, **options: Any) -> Finding:
        spec = {"id": "auc", "type": "threshold", "metric": "roc_auc", "points": 10}
        fields = {
            name: options.pop(name) for name in ("order", "split", "submission") if name in options
        }
        grader = Grader(lab({**spec, "decision": POINT, **options}))
        seen: Evidence = evidence(predicted, **fields)
        table = truth if isinstance(truth, dict) else {"label": truth}
        return grader.grade(seen, {"truth": table}).results[0].finding

    return run


def test_a_point_is_met_by_the_value(judge: Any) -> None:
    found = judge(SCORES)
    assert (found.outcome, found.share) == (Outcome.PASSED, 1)
    assert found.estimate.value == pytest.approx(AREA)
    assert (found.estimate.mark, found.estimate.n) == (0.8, 200)
    assert found.rationale == "needs at least 0.8"
    missed = judge(SCORES, decision={"rule": "point", "at": 0.9})
    assert (missed.outcome, missed.share) == (Outcome.FAILED, 0)


def test_a_lower_bound_must_be_cleared_by_the_whole_interval(judge: Any) -> None:
    strict = judge(SCORES, decision={"rule": "lower-bound", "at": 0.85})
    assert strict.outcome is Outcome.FAILED
    assert strict.estimate.low < 0.85 < strict.estimate.value
    assert judge(SCORES, decision={"rule": "lower-bound", "at": 0.79}).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("floor", "full", "share"), [(0.75, 0.8, 1.0), (0.9, 0.95, 0.0), (0.8, 0.9, 10 * (AREA - 0.8))]
)
def test_a_ramp_is_linear_between_floor_and_full(
    judge: Any, floor: float, full: float, share: float
) -> None:
    found = judge(SCORES, decision={"rule": "ramp", "floor": floor, "full": full})
    assert found.share == pytest.approx(share, abs=1e-6)
    assert found.outcome is (Outcome.PASSED if share > 0 else Outcome.FAILED)
    assert (found.estimate.mark, found.estimate.full) == (floor, full)


def test_a_ramp_of_errors_goes_down(judge: Any) -> None:
    decision = {"rule": "ramp", "floor": 2.0, "full": 1.0}
    found = judge(np.full(200, 1.5), truth=np.zeros(200), metric="rmse", decision=decision)
    assert found.share == pytest.approx(0.5)


def test_an_upper_bound_stands_in_where_less_is_better(judge: Any) -> None:
    errors = np.random.default_rng(2).normal(size=200)
    decision = {"rule": "lower-bound", "at": 1.0}
    found = judge(errors, truth=np.zeros(200), metric="rmse", decision=decision)
    assert found.estimate.value < 1.0 < found.estimate.high
    assert found.outcome is Outcome.FAILED
    assert found.rationale == "needs at most 1 with its whole interval"


@pytest.mark.parametrize("metric", ["roc_auc", "average_precision", "log_loss", "ece"])
def test_the_order_in_which_rows_were_asked_changes_no_digit(judge: Any, metric: str) -> None:
    p = 1 / (1 + np.exp(-SCORES))
    decision = {"rule": "point", "at": 0.5}
    straight = judge(p, metric=metric, decision=decision)
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(200)
        shuffled = judge(p[order], metric=metric, decision=decision, order=tuple(order.tolist()))
        assert shuffled == straight


def test_another_submission_draws_other_resamples(judge: Any) -> None:
    one = judge(SCORES, metric="average_precision")
    other = judge(SCORES, metric="average_precision", submission="any text at all")
    assert one.estimate.value == other.estimate.value
    assert one.estimate.low != other.estimate.low


@pytest.mark.parametrize(
    ("predicted", "said"),
    [
        (SCORES[:-1], r"expected shape \(200,\), got \(199,\)"),
        (SCORES.reshape(-1, 1), r"got \(200, 1\)"),
        (np.where(TRUTH, np.nan, SCORES), "100 of 200 values are NaN"),
        (["yes"] * 200, "expected numbers, got text"),
        (None, "got a NoneType"),
        (b"not a frame", "frame"),
        (b"", "frame"),
        (SCORES.astype(complex), "complex"),
    ],
)
def test_malformed_predictions_fail_and_say_why(judge: Any, predicted: Any, said: str) -> None:
    found = judge(predicted)
    assert (found.outcome, found.share, found.fault) == (Outcome.FAILED, 0, None)
    assert re.search(f"^the predictions cannot be scored: .*{said}", found.rationale)


def test_an_error_beyond_floats_is_no_value(judge: Any) -> None:
    decision = {"rule": "point", "at": 1e9}
    found = judge(np.full(200, 1e300), truth=np.zeros(200), metric="rmse", decision=decision)
    assert found.outcome is Outcome.FAILED
    assert "no finite value" in found.rationale
    assert found.estimate is None


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        ({"label": TRUTH[:-1]}, "has 199 rows, but 200 were asked for"),
        ({"label": np.zeros(200)}, "two classes"),
        ({"label": np.where(TRUTH, np.nan, 0.0)}, "missing"),
        ({"a": TRUTH, "b": TRUTH}, "column"),
    ],
)
def test_a_truth_that_cannot_judge_is_the_labs_fault(judge: Any, truth: Any, said: str) -> None:
    found = judge(SCORES, truth=truth, order=tuple(range(200)))
    assert (found.outcome, found.fault) == (Outcome.SKIPPED, Fault.LAB)
    assert said in found.rationale


def test_a_named_column_is_the_truth_and_another_names_the_clusters(judge: Any) -> None:
    truth = {"label": TRUTH, "person": np.arange(200) // 10}
    found = judge(SCORES, truth=truth, column="label", groups="person")
    assert found.estimate.n == 20
    assert found.estimate.method == "bootstrap-clusters"


def test_plots_are_for_hidden_data_and_named_after_the_check(judge: Any) -> None:
    assert [plot.id for plot in judge(SCORES).plots] == ["auc-roc"]
    assert judge(SCORES, split="public").plots == ()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"metric": "roc_uac"}, r"checks\.auc\.metric: there is no metric called 'roc_uac'"),
        ({"metrics": "x"}, r"checks\.auc\.metrics: there is no such key"),
        ({"phase": "predit"}, r"checks\.auc\.phase: there is no phase called 'predit'"),
        ({"phase": "fit"}, r"checks\.auc\.phase: phase 'fit' returns a model"),
        ({"params": {"bin": 3}}, r"checks\.auc\.params\.bin: 'ece' has no such parameter"),
        ({"params": {"bins": 1}}, r"checks\.auc\.params\.bins: .* found 1"),
        ({"decision": {"rule": "point"}}, r"checks\.auc\.decision: rule 'point' takes at"),
        ({"decision": {"rule": "point", "at": 0.1, "full": 1}}, "rule 'point' takes at"),
        ({"decision": {"rule": "ramp", "floor": 0.1}}, "rule 'ramp' takes floor and full"),
        ({"decision": {"rule": "point", "att": 1}}, r"checks\.auc\.decision\.att: there is no"),
        ({"decision": {"rule": "point", "at": 93}}, r"checks\.auc\.decision\.at: 93 is not a"),
        ({"decision": {"rule": "point", "at": math.nan}}, r"checks\.auc\.decision\.at: .*finite"),
        ({"decision": {"rule": "ramp", "floor": 0.1, "full": 0.2}}, "0.2 is not below the floor"),
        ({"decision": {"rule": "ramp", "floor": 0.1, "full": 0.1}}, "0.1 is not below the floor"),
        ({"truth": "features"}, r"checks\.auc\.truth: .* found 'features'"),
        ({"decision": None}, r"checks\.auc\.decision"),
    ],
)
def test_wrong_options_are_refused_by_field(lab: MakeLab, options: Any, said: str) -> None:
    spec = {"id": "auc", "type": "threshold", "metric": "ece", "decision": {**POINT, "at": 0.1}}
    made = lab({**spec, **options})
    with pytest.raises(LabError, match=said):
        bind(made, made.checks[0])


@pytest.mark.parametrize(
    ("options", "help"),
    [
        ({"metric": "roc_uac"}, "did you mean 'roc_auc'?"),
        ({"colum": "x"}, "did you mean 'column'?"),
        ({"phase": "predit"}, "did you mean 'predict'?"),
        ({"params": {"bin": 3}}, "did you mean 'bins'?"),
        ({"decision": {"rule": "ramp", "flor": 1}}, "did you mean 'floor'?"),
    ],
)
def test_a_misspelt_word_is_guessed(lab: MakeLab, options: Any, help: str) -> None:
    spec = {"id": "auc", "type": "threshold", "metric": "ece", "decision": {**POINT, "at": 0.1}}
    made = lab({**spec, **options})
    with pytest.raises(LabError) as caught:
        bind(made, made.checks[0])
    assert caught.value.help == help


def test_a_lab_without_values_has_nothing_to_judge(lab: MakeLab) -> None:
    spec = {"id": "auc", "type": "threshold", "metric": "roc_auc", "decision": POINT}
    made = lab(spec, phases=[])
    with pytest.raises(LabError, match="no phase that returns values"):
        bind(made, made.checks[0])


def test_a_logarithm_of_nothing_is_the_fault_of_whoever_gave_it(judge: Any) -> None:
    decision = {"rule": "point", "at": 1}
    below = np.full(200, -1.0)
    learner = judge(below, truth=np.ones(200), metric="rmsle", decision=decision)
    assert (learner.outcome, learner.fault) == (Outcome.FAILED, None)
    assert "200 of 200 values are -1 or less" in learner.rationale
    author = judge(np.ones(200), truth=below, metric="rmsle", decision=decision)
    assert (author.outcome, author.fault) == (Outcome.SKIPPED, Fault.LAB)


def test_a_named_phase_with_values_is_judged(judge: Any) -> None:
    assert judge(SCORES, phase="predict") == judge(SCORES)
