"""Promises every check type keeps; a new type is tested once it has an example here."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labrun import wire
from labrun.domain.evidence import Ending, Evidence, PhaseResult, Variant
from labrun.domain.grade import Finding, Outcome
from labrun.domain.lab import Lab
from labrun.errors import LabError
from labrun.grading.check import CHECKS
from labrun.grading.grader import Grader
from labrun.grading.metric import METRICS
from labrun.grading.pairs import Takes

ALL = CHECKS.all()
EVERY = pytest.mark.parametrize("kind", ALL)
EXAMPLES: dict[str, dict[str, Any]] = {
    "budget": {"what": "cpu-seconds", "phase": "predict", "at_most": 10},
    "determinism": {"tolerance": 0},
    "flipped-canaries": {"column": "label", "canary": "canary", "at_most": 0.5, "cut": 0.5},
    "hidden-tests": {"path": "hidden/test_x.py"},
    "imports": {"allow": ["numpy"]},
    "label-shuffle": {"label": "y", "metric": "roc_auc", "column": "label", "no_better_than": 0.6},
    "latency": {"phase": "predict", "at_most": 2},
    "operators": {"allow": ["Gemm"]},
    "outlier-invariance": {"rows": 5},
    "phase": {"phase": "predict"},
    "row-invariance": {"singles": 1},
    "schema": {"kind": "probability"},
    "threshold": {"metric": "roc_auc", "column": "label", "decision": {"rule": "point", "at": 0.9}},
    "train-degradation": {"metric": "roc_auc", "column": "label", "cost": 0.1},
}
ROWS = 40
TRUTH = np.arange(ROWS) % 2
ORDER = tuple(np.random.default_rng(3).permutation(ROWS).tolist())
CANARY = np.arange(ROWS) < ROWS // 2
ANSWERS = {  # the columns of the truth; a metric that reads two words has its own
    "label": TRUTH,
    "canary": CANARY,
    Takes.GROUPED: np.array([f"{'ab'[row // 20]} {row % 2}" for row in range(ROWS)], object),
    Takes.SUSPECTS: np.array(
        [f"{('in', 'out')[row // 20]} {row % 2}" for row in range(ROWS)], object
    ),
}
VARIANTS = ("again", "fewer", "outliers", "part", "shuffled", "single-1")
GOOD = TRUTH[list(ORDER)] * 0.8 + 0.1
HOSTILE: dict[str, Any] = {
    "none": None,
    "text": "0.5",
    "number": 0.5,
    "empty": [],
    "too few": GOOD[1:],
    "too many": np.append(GOOD, 0.5),
    "a column": GOOD.reshape(-1, 1),
    "NaN": np.where(GOOD > 0.5, math.nan, GOOD),
    "infinity": np.full(ROWS, math.inf),
    "the largest floats": np.full(ROWS, 1.7e308),
    "words": ["yes"] * ROWS,
    "words with holes": np.array(["yes", None] * (ROWS // 2), dtype=object),
    "complex": GOOD.astype(complex),
    "dates": np.full(ROWS, "2020-01-01", dtype="datetime64[D]"),
    "lengths of time": np.full(ROWS, 3, dtype="timedelta64[s]"),
    "bytes": np.full(ROWS, b"1"),
    "huge integers": [10**400] * ROWS,
    "ragged": [[1, 2]] * (ROWS - 1) + [[1]],
    "nested": {"a": {"b": {"c": [1, {"d": None}]}}},
    "two keys": {"a": GOOD, "b": GOOD},
    "a table without columns": pd.DataFrame(index=range(ROWS)),
    "a table of all kinds": pd.DataFrame({"a": GOOD, "b": ["x"] * ROWS}),
    "many dimensions": np.zeros((ROWS, 1, 1, 1, 1)),
    "no frame at all": b"\x80\x04\x95",
    "half a frame": wire.to_bytes(GOOD)[:-5],
}


def lab_of(check: str, **options: Any) -> Lab:
    lab: dict[str, Any] = {
        "schema": "labrun/v1",
        "slug": "a-lab",
        "version": "1.0.0",
        "title": "A lab",
        "track": "core",
        "minutes": 5,
        "submission": {"require": ["s.py"]},
        "phases": [{"name": "predict", "call": "s:predict", "input": "train"}],
        "checks": [{"id": "it", "type": check, "points": 10, **options}],
    }
    if check == "operators":  # judges what a phase says of a model
        lab["submission"] = {"kind": "model", "require": ["s.onnx"]}
        lab["phases"] = [{"name": "predict", "open": "s.onnx"}]
    return Lab.model_validate(lab)


def seen(value: Any, order: tuple[int, ...] | None = ORDER) -> Evidence:
    output = value if isinstance(value, bytes) else wire.to_bytes(value)
    done = PhaseResult(phase="predict", ending=Ending.DONE, output=output, order=order)
    again = tuple(Variant(check="it", name=name, phases=(done,)) for name in VARIANTS)
    return Evidence(
        lab="a-lab", submission="f" * 64, split="hidden", seed=1, phases=(done,), variants=again
    )


def judge(evidence: Evidence, check: str, **options: Any) -> Finding:
    grade = Grader(lab_of(check, **options)).grade(evidence, {"truth": ANSWERS})
    finding = grade.results[0].finding
    assert 0 <= finding.share <= 1
    assert grade.results[0].points == pytest.approx(10 * finding.share, abs=1e-3)
    assert len(finding.rationale) < 500
    return finding


def answers(metric: str) -> str:
    takes = METRICS[metric].takes
    return takes if takes in ANSWERS else "label"


def test_every_check_type_has_an_example() -> None:
    assert set(EXAMPLES) == set(ALL)


@EVERY
def test_the_example_binds_and_the_schema_describes_it(kind: str) -> None:
    Grader(lab_of(kind, **EXAMPLES[kind]))
    schema = ALL[kind].options.model_json_schema()
    assert schema["additionalProperties"] is False
    assert set(EXAMPLES[kind]) <= set(schema["properties"])


@EVERY
def test_an_unknown_option_is_refused_by_name(kind: str) -> None:
    with pytest.raises(LabError, match=r"checks\.it\.nonsense: there is no such key") as caught:
        Grader(lab_of(kind, **EXAMPLES[kind], nonsense=1))
    assert caught.value.help


@EVERY
def test_a_misspelt_option_is_guessed(kind: str) -> None:
    name = next(iter(EXAMPLES[kind]))
    with pytest.raises(LabError) as caught:
        Grader(lab_of(kind, **{**EXAMPLES[kind], f"{name}s": 1}))
    assert caught.value.help == f"did you mean {name!r}?"


@EVERY
def test_without_evidence_there_is_no_pass_and_no_point(kind: str) -> None:
    nothing = Evidence(lab="a-lab", submission="f" * 64, split="hidden", seed=1)
    finding = judge(nothing, kind, **EXAMPLES[kind])
    assert finding.outcome is not Outcome.PASSED
    assert finding.share == 0


@EVERY
@pytest.mark.parametrize("ending", [each for each in Ending if each is not Ending.DONE])
def test_a_phase_that_ended_badly_earns_nothing(kind: str, ending: Ending) -> None:
    broken = PhaseResult(phase="predict", ending=ending, output=wire.to_bytes(GOOD))
    evidence = seen(GOOD).model_copy(update={"phases": (broken,)})
    finding = judge(evidence, kind, **EXAMPLES[kind])
    assert (finding.outcome, finding.share, finding.fault) == (Outcome.FAILED, 0, None)


@pytest.mark.parametrize("kind", ["schema", "threshold"])
def test_good_predictions_pass(kind: str) -> None:
    assert judge(seen(GOOD), kind, **EXAMPLES[kind]).outcome is Outcome.PASSED


@EVERY
@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.filterwarnings("error")
def test_nothing_a_learner_returns_breaks_a_check(kind: str, value: Any) -> None:
    finding = judge(seen(value), kind, **EXAMPLES[kind])
    if kind in ("schema", "threshold"):
        assert (finding.outcome, finding.share, finding.fault) == (Outcome.FAILED, 0, None)


@pytest.mark.parametrize("metric", METRICS.all())
@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_metric_gives_malformed_predictions_its_best(metric: str, value: Any) -> None:
    best = {"rule": "point", "at": METRICS[metric].best}
    finding = judge(seen(value), "threshold", metric=metric, column=answers(metric), decision=best)
    assert (finding.outcome, finding.share, finding.fault) == (Outcome.FAILED, 0, None)


@pytest.mark.parametrize("metric", METRICS.all())
@settings(max_examples=25, deadline=None)
@given(
    values=hnp.arrays(
        st.one_of(hnp.floating_dtypes(), hnp.integer_dtypes(), hnp.boolean_dtypes()),
        st.sampled_from([(ROWS,), (ROWS, 2)]),
    )
)
def test_any_array_is_judged_or_refused(metric: str, values: Any) -> None:
    best = METRICS[metric].best
    finding = judge(
        seen(values),
        "threshold",
        metric=metric,
        column=answers(metric),
        decision={"rule": "point", "at": best},
    )
    assert finding.fault is None
    if finding.estimate is not None:
        assert finding.estimate.low <= finding.estimate.value <= finding.estimate.high
    elif METRICS[metric].takes is not Takes.CLUSTERS:
        assert finding.outcome is Outcome.FAILED


@pytest.mark.parametrize("kind", ["schema", "threshold"])
def test_no_order_is_the_order_of_the_table(kind: str) -> None:
    finding = judge(seen(TRUTH * 0.8 + 0.1, order=None), kind, **EXAMPLES[kind])
    assert finding.outcome is Outcome.PASSED
