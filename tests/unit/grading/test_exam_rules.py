"""Runs become a calibration, and a calibration says whether a lab may decide an exam."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from labrun.domain.calibration import Calibration, ControlRuns, Spread
from labrun.domain.evidence import Evidence
from labrun.domain.lab import Lab
from labrun.grading.calibrated import Run, control_runs, estimates, mark_reports
from labrun.grading.constants import Constant
from labrun.grading.exam_rules import calibration_rules, constants_rule, repeatable_rule
from labrun.grading.grader import Grader

MakeLab = Callable[..., Lab]
MakeEvidence = Callable[..., Evidence]
ROWS = 1000
TRUTH = {"truth": {"y": np.arange(ROWS) % 2}}
DATA = "d" * 64
CHECK: dict[str, Any] = {
    "id": "acc",
    "type": "threshold",
    "metric": "accuracy",
    "points": 100,
    "decision": {"rule": "point", "at": 0.8},
}


def right(share: float) -> np.ndarray[Any, Any]:
    return np.where(np.arange(ROWS) < ROWS * share, TRUTH["truth"]["y"], 1 - TRUTH["truth"]["y"])


def runs(lab: Lab, evidence: MakeEvidence, *shares: float) -> list[Run]:
    found = []
    for share in shares:
        seen = evidence(right(share))
        grade = Grader(lab).grade(seen, TRUTH)
        found.append(Run(grade, estimates(lab, seen, TRUTH, {}), resampled=0.5))
    return found


def control(name: str, mean: float, passed: int, **fields: Any) -> ControlRuns:
    spread = Spread(mean=mean, sd=0, se=0.01, n=ROWS)
    expected = "passed" if name == "solution" else "failed"
    base: dict[str, Any] = {
        "sha256": "a" * 64,
        "expected": expected,
        "runs": 5,
        "chance": {"p": passed / 5, "low": 0, "high": 1},
        "resampled": 0.5,
        "scores": (50.0,) * 5,
        "values": {"acc": spread},
    }
    return ControlRuns(name=name, passed=passed, **(base | fields))


def calibration(*controls: ControlRuns, **fields: Any) -> Calibration:
    base: dict[str, Any] = {
        "lab": "a-lab",
        "version": "1.0.0",
        "digest": "b" * 64,
        "data": DATA,
        "image": "cpu",
        "sandbox": "docker",
        "official": True,
        "labrun": "0",
        "date": "2026-01-01",
        "seeds": (1, 2, 3, 4, 5),
        "marks": (),
    }
    known = controls or (control("solution", 0.9, 5), control("baseline", 0.7, 0))
    return Calibration(controls=known, **(base | fields))


def broken(lab: Lab, found: Calibration | None, data: str | None = DATA) -> dict[str, str]:
    rules = calibration_rules(lab, data, found)
    return {rule.name: "; ".join(rule.problems) for rule in rules if rule.problems}


def test_runs_become_means_spreads_and_chances(lab: MakeLab, evidence: MakeEvidence) -> None:
    one = lab(CHECK)
    seen = runs(one, evidence, 0.85, 0.79, 0.88, 0.84)
    found = control_runs("solution", "a" * 64, seen, expected="passed")
    assert (found.runs, found.passed, found.chance.p) == (4, 3, 0.75)
    assert found.chance.low == pytest.approx(0.3006, abs=1e-4)  # Wilson, 3 of 4
    assert not found.holds
    spread = found.values["acc"]
    assert spread.mean == pytest.approx(0.84)
    assert spread.sd == pytest.approx(np.std([0.85, 0.79, 0.88, 0.84], ddof=1), rel=1e-5)
    assert spread.se == pytest.approx(0.0116, abs=2e-4)  # sqrt(.84 * .16 / 1000)
    assert spread.n == ROWS


def test_what_a_check_waits_for_does_not_keep_it_from_being_measured(
    lab: MakeLab, evidence: MakeEvidence
) -> None:
    first = CHECK | {"id": "first", "points": 0, "decision": {"rule": "point", "at": 0.99}}
    both = lab(first, CHECK | {"needs": ["first"]})
    (run,) = runs(both, evidence, 0.9)
    assert run.grade.results[1].finding.estimate is None
    assert run.estimates["acc"].value == pytest.approx(0.9)


def test_a_cheat_holds_only_if_its_check_stops_it_every_time(
    lab: MakeLab, evidence: MakeEvidence
) -> None:
    one = lab(CHECK)
    said: dict[str, Any] = {"expected": "failed", "stops": "acc"}
    always = control_runs("cheats/a", "a" * 64, runs(one, evidence, 0.7, 0.6), **said)
    once = control_runs("cheats/a", "a" * 64, runs(one, evidence, 0.7, 0.9), **said)
    assert (always.stopped, always.holds) == (2, True)
    assert (once.stopped, once.holds) == (1, False)


def test_a_check_for_comparison_only_has_no_mark_to_judge(lab: MakeLab) -> None:
    free = CHECK | {"id": "free", "points": 0}
    controls = [
        control(
            "solution",
            0.9,
            5,
            values={name: Spread(mean=0.9, sd=0, se=0.01, n=9) for name in ("acc", "free")},
        ),
        control("baseline", 0.7, 0),
    ]
    assert [each.check for each in mark_reports(lab(CHECK, free), controls)] == ["acc"]


def test_a_clear_calibration_breaks_no_rule(lab: MakeLab) -> None:
    rules = calibration_rules(lab(CHECK), DATA, calibration())
    assert [rule.problems for rule in rules] == [()] * 4
    assert "warned: below 2,000" in rules[3].detail


@pytest.mark.parametrize(
    ("fields", "word"),
    [({"version": "0.9.0"}, "version 0.9.0"), ({"data": "e" * 64}, "other data")],
)
def test_a_calibration_of_something_else_does_not_count(
    lab: MakeLab, fields: dict[str, Any], word: str
) -> None:
    assert word in broken(lab(CHECK), calibration(**fields))["calibration"]


def test_no_calibration_and_an_unofficial_one_do_not_count(lab: MakeLab) -> None:
    assert "labrun lab calibrate a-lab" in broken(lab(CHECK), None)["calibration"]
    free = calibration(official=False, sandbox="process")
    assert "'process' sandbox" in broken(lab(CHECK), free)["calibration"]


def test_each_rule_says_what_breaks_it(lab: MakeLab) -> None:
    near = calibration(control("solution", 0.815, 5), control("baseline", 0.79, 0))
    assert broken(lab(CHECK), near)["marks"].count("two standard errors") == 2
    weak = calibration(control("solution", 0.9, 4), control("baseline", 0.7, 1))
    assert broken(lab(CHECK), weak) == {
        "controls over seeds": "solution passed 4 of 5 runs; baseline passed 1 of 5 runs"
    }
    few = {"acc": Spread(mean=0.9, sd=0, se=0.01, n=749)}
    small = calibration(control("solution", 0.9, 5, values=few), control("baseline", 0.7, 0))
    assert broken(lab(CHECK), small) == {"hidden rows": "acc: 749 rows, fewer than 750"}
    lost = calibration(control("solution", 0.9, 5), control("baseline", 0.7, 0, values={}))
    assert "baseline has no value there" in broken(lab(CHECK), lost)["marks"]


def test_a_cheat_that_was_never_run_is_missed(lab: MakeLab) -> None:
    one = lab(CHECK, controls={"cheats": {"copy": "acc"}})
    assert broken(one, calibration())["controls over seeds"] == "cheats/copy was not run"


def test_the_marks_of_today_are_judged_not_those_of_then(lab: MakeLab) -> None:
    moved = CHECK | {"decision": {"rule": "point", "at": 0.89}}
    assert "short of the mark 0.89" in broken(lab(moved), calibration())["marks"]


def test_a_lab_without_marks_rests_on_its_controls(lab: MakeLab) -> None:
    one = lab({"id": "a", "type": "phase", "phase": "fit", "points": 5})
    bare = [control("solution", 0, 5, values={}), control("baseline", 0, 0, values={})]
    rules = calibration_rules(one, None, calibration(*bare, data=None))
    assert [rule.problems for rule in rules] == [()] * 4


def test_a_constant_that_earns_is_named() -> None:
    rule = constants_rule(
        [Constant(said="predict 0", points=0), Constant(said="predict 1", points=5)]
    )
    assert rule.problems == ("predict 1: 5 points",)


def test_gradings_that_differ_are_counted(lab: MakeLab, evidence: MakeEvidence) -> None:
    one = lab(CHECK)
    same = [Grader(one).grade(evidence(right(0.9)), TRUTH) for _ in range(3)]
    assert repeatable_rule(same).problems == ()
    odd = same[0].model_copy(update={"score": 1.0})
    assert repeatable_rule([*same, odd]).problems == ("4 gradings gave 2 results",)
