"""P(pass) over other draws of the hidden rows, with what else the lab asks for."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from labrun.domain.evidence import Ending, Evidence, PhaseResult
from labrun.domain.lab import Lab
from labrun.grading.grader import Grader
from labrun.grading.power import chance_of_share
from labrun.grading.resampling import pass_rate

MakeLab = Callable[..., Lab]
MakeEvidence = Callable[..., Evidence]
ROWS = 400
TRUTH = {"truth": {"y": np.arange(ROWS) % 2}}


def check(at: float, **fields: Any) -> dict[str, Any]:
    decision = {"rule": "point", "at": at}
    return {
        "id": "acc",
        "type": "threshold",
        "metric": "accuracy",
        "points": 100,
        "decision": decision,
    } | fields


def right(share: float) -> np.ndarray[Any, Any]:
    wrong = np.random.default_rng(4).permutation(ROWS) >= ROWS * share
    return np.where(wrong, 1 - TRUTH["truth"]["y"], TRUTH["truth"]["y"])


def rate(lab: Lab, seen: Evidence, truth: Any = TRUTH, draws: int = 300) -> float:
    return pass_rate(lab, seen, Grader(lab).grade(seen, truth), truth, {}, draws=draws)


def test_it_is_the_binomial_s_where_one_share_decides(lab: MakeLab, evidence: MakeEvidence) -> None:
    found = rate(lab(check(0.9)), evidence(right(0.88)), draws=2000)
    assert found == pytest.approx(chance_of_share(0.88, 0.9, ROWS), abs=0.03)


def test_far_from_the_mark_it_is_certain(lab: MakeLab, evidence: MakeEvidence) -> None:
    assert rate(lab(check(0.6)), evidence(right(0.9))) == 1
    assert rate(lab(check(0.95)), evidence(right(0.6))) == 0


def test_other_checks_keep_what_they_found(lab: MakeLab, evidence: MakeEvidence) -> None:
    gate = {"id": "shape", "type": "schema", "kind": "label", "labels": [0], "gate": True}
    assert rate(lab(gate, check(0.5)), evidence(right(0.9))) == 0


def test_a_check_that_waits_for_another_earns_nothing_without_it(
    lab: MakeLab, evidence: MakeEvidence
) -> None:
    first = check(0.9, id="first", points=0)
    both = lab(first, check(0.5, needs=["first"]))
    found = rate(both, evidence(right(0.9)), draws=1000)
    assert found == pytest.approx(0.54, abs=0.06)


def test_clusters_are_drawn_as_clusters(lab: MakeLab, evidence: MakeEvidence) -> None:
    who = np.arange(ROWS) // 100  # four people, one of whom is always wrong
    answers = np.where(who == 3, 1 - TRUTH["truth"]["y"], TRUTH["truth"]["y"])
    truth = {"truth": {"y": TRUTH["truth"]["y"], "who": who}}
    one = lab(check(0.6, column="y", groups="who"))
    # 0.6 is missed where the wrong one is drawn twice or more: 1 - .75^4 - 4 * .25 * .75^3
    assert rate(one, evidence(answers), truth, draws=2000) == pytest.approx(0.738, abs=0.03)


def test_a_phase_that_broke_is_no_pass(lab: MakeLab, evidence: MakeEvidence) -> None:
    broken = PhaseResult(phase="predict", ending=Ending.CRASHED)
    seen = evidence(right(1.0), phases=(broken,))
    assert rate(lab(check(0.5)), seen) == 0


def test_the_same_run_has_the_same_rate(lab: MakeLab, evidence: MakeEvidence) -> None:
    one = lab(check(0.9))
    assert rate(one, evidence(right(0.9))) == rate(one, evidence(right(0.9)))
