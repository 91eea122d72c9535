"""Seeds: the mean counts, each is shown, and the interval holds rows and seeds."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from labrun import wire
from labrun.domain.evidence import Ending, Evidence, PhaseResult, Variant
from labrun.domain.grade import Estimate, Fault, Finding, Outcome
from labrun.domain.lab import Lab
from labrun.grading.grader import Grader
from labrun.grading.scoring import mean_of

MakeLab = Callable[..., Lab]
TRUTH = np.arange(200) % 2
SEEDED = [{"name": "fit", "call": "s:fit", "seeded": True}, {"name": "predict", "call": "s:p"}]
AT = {"rule": "point", "at": 0.6}


def estimate(value: float, half: float = 0.1) -> Estimate:
    bounds: dict[str, Any] = {"low": value - half, "high": value + half}
    return Estimate(
        metric="accuracy",
        value=value,
        level=0.95,
        method="wilson",
        n=9,
        direction="higher",
        **bounds,
    )


def test_one_seed_is_left_as_it_is() -> None:
    assert mean_of([estimate(0.5)]) == estimate(0.5)


def test_the_mean_of_equal_seeds_keeps_the_interval_of_the_rows() -> None:
    found = mean_of([estimate(0.5)] * 3)
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.4, 0.6))
    assert found.seeds == (0.5, 0.5, 0.5)


def test_seeds_that_differ_widen_it_by_the_error_of_their_mean() -> None:
    found = mean_of([estimate(0.4), estimate(0.6)])
    error = 1.959964 * math.sqrt(0.02) / math.sqrt(2)  # sd of (0.4, 0.6), two seeds
    assert found.value == pytest.approx(0.5)
    assert found.high - found.value == pytest.approx(math.hypot(0.1, error))


def done(right: float) -> tuple[PhaseResult, ...]:
    rows = np.arange(200)
    values = np.where(rows < 200 * right, TRUTH, 1 - TRUTH)
    return (PhaseResult(phase="predict", ending=Ending.DONE, output=wire.to_bytes(values)),)


def judged(lab: MakeLab, *shares: float, kind: str = "accuracy") -> Finding:
    spec = {"id": "acc", "type": "threshold", "metric": kind, "phase": "predict", "decision": AT}
    grader = Grader(lab(spec, phases=SEEDED, grading={"seeds": len(shares)}))
    variants = tuple(
        Variant(check=None, name=plan.name, phases=done(share))
        for (_, plan), share in zip(grader.plans, shares[1:], strict=True)
    )
    evidence = Evidence(
        lab="a-lab",
        submission="a" * 64,
        split="hidden",
        seed=1,
        phases=done(shares[0]),
        variants=variants,
    )
    return grader.grade(evidence, {"truth": {"label": TRUTH}}).results[0].finding


def test_the_mean_over_seeds_is_judged_and_each_is_shown(lab: MakeLab) -> None:
    found = judged(lab, 0.9, 0.5, 0.7)
    assert found.estimate
    assert found.estimate.seeds == pytest.approx((0.9, 0.5, 0.7))
    assert found.estimate.value == pytest.approx(0.7)
    assert found.outcome is Outcome.PASSED
    assert judged(lab, 0.9, 0.3, 0.5).outcome is Outcome.FAILED


def test_a_seed_that_cannot_be_scored_fails(lab: MakeLab) -> None:
    found = judged(lab, 0.9, 0.9, kind="roc_auc")
    assert found.outcome is Outcome.PASSED
    spec = {
        "id": "acc",
        "type": "threshold",
        "metric": "rmse",
        "decision": {"rule": "point", "at": 1},
    }
    grader = Grader(lab(spec, phases=SEEDED, grading={"seeds": 2}))
    broken = PhaseResult(phase="predict", ending=Ending.DONE, output=wire.to_bytes([1, 2]))
    evidence = Evidence(
        lab="a-lab",
        submission="a" * 64,
        split="hidden",
        seed=1,
        phases=done(0.9),
        variants=(Variant(check=None, name="seed-2", phases=(broken,)),),
    )
    finding = grader.grade(evidence, {"truth": {"label": TRUTH}}).results[0].finding
    assert (finding.outcome, finding.fault) == (Outcome.FAILED, None)


def test_seeds_without_a_phase_that_takes_one_are_refused(lab: MakeLab) -> None:
    with pytest.raises(ValueError, match="no phase is 'seeded: true'"):
        lab({"id": "p", "type": "phase"}, grading={"seeds": 3})


def test_what_a_later_phase_kept_from_running_once_more_is_the_learner_s(lab: MakeLab) -> None:
    phases = [*SEEDED, {"name": "decide", "call": "s:d", "input": "predict"}]
    spec = {"id": "acc", "type": "threshold", "metric": "accuracy", "phase": "predict"}
    grader = Grader(lab(spec | {"decision": AT}, phases=phases, grading={"seeds": 2}))
    late = PhaseResult(phase="decide", ending=Ending.TIMED_OUT, seconds=30)
    for last, fault in ((late, None), (done(0.9)[0], Fault.PLATFORM)):
        evidence = Evidence(
            lab="a-lab", submission="a" * 64, split="hidden", seed=1, phases=(*done(0.9), last)
        )
        finding = grader.grade(evidence, {"truth": {"label": TRUTH}}).results[0].finding
        assert finding.outcome is not Outcome.PASSED
        assert finding.fault is fault
