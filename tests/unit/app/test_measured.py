"""What is measured beside the lab's own solution, on the process sandbox."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.kind_lab import bench_of, seen, submission_of

from labrun.app.bench import Bench, judge
from labrun.domain.evidence import Ending
from labrun.domain.grade import Outcome
from labrun.errors import LabError
from labrun.sandbox.timing import ROUNDS

BUILD = """
def prepare(raw, public, private):
    (public / "train.csv").write_text("x,y\\n1,2\\n2,4\\n")
    (private / "features.csv").write_text("x\\n" + "".join(f"{i}\\n" for i in range(64)))
    (private / "truth.csv").write_text("y\\n" + "".join(f"{2 * i}\\n" for i in range(64)))
"""
LAB: dict[str, Any] = {
    "submission": {"require": ["solution.py"]},
    "phases": [
        {"name": "fit", "call": "solution:fit", "input": "train"},
        {"name": "predict", "call": "solution:predict", "input": "features"},
    ],
    "checks": [
        {"id": "speed", "type": "latency", "phase": "predict", "at_most": 3, "points": 1},
        {
            "id": "cpu",
            "type": "budget",
            "what": "cpu-seconds",
            "phase": "predict",
            "times_reference": 100,
            "points": 1,
        },
    ],
}
HONEST = b"""
SEEN = set()

def fit(train):
    return 2.0

def predict(slope, features):
    rows = set(features.x.tolist())
    assert not rows & SEEN, "no row is asked for twice"
    SEEN.update(rows)
    return slope * features.x.to_numpy()
"""
SLOW = HONEST.replace(b"    return slope", b"    import time; time.sleep(0.15)\n    return slope")
ONCE = b"""
CALLS = []

def fit(train):
    return 2.0

def predict(slope, features):
    CALLS.append(1)
    if len(CALLS) > 3:
        raise KeyError("4242")
    return slope * features.x.to_numpy()
"""
BUSY = (
    HONEST
    + b"""
def burn():
    while True:
        pass

import threading
threading.Thread(target=burn, daemon=True).start()
"""
)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = bench_of(tmp_path, LAB, BUILD)
    (made.folder / "solution").mkdir()
    (made.folder / "solution" / "solution.py").write_bytes(HONEST)
    return made


def findings(bench: Bench, code: bytes) -> dict[str, Any]:
    submission = submission_of(solution_py=code)
    grade = judge(bench, submission, seen(bench, submission))
    return {each.id: each.finding for each in grade.results}


def test_both_are_asked_in_turns_for_rows_that_neither_saw_before(bench: Bench) -> None:
    submission = submission_of(solution_py=HONEST)
    evidence = seen(bench, submission)
    (timing,) = evidence.timings
    assert (len(timing.own), len(timing.reference), timing.ended) == (ROUNDS, ROUNDS, "")
    assert [each.phase for each in evidence.reference] == ["fit", "predict"]
    assert not any(each.output or each.log for each in evidence.reference)
    grade = judge(bench, submission, evidence)
    assert [each.finding.outcome for each in grade.results] == [Outcome.PASSED] * 2


def test_who_is_clearly_slower_than_the_solution_fails(bench: Bench) -> None:
    assert findings(bench, SLOW)["speed"].outcome is Outcome.FAILED


def test_how_a_submission_ends_while_it_is_timed_is_told_in_one_word(bench: Bench) -> None:
    found = findings(bench, ONCE)["speed"]
    assert found.outcome is Outcome.FAILED
    assert found.rationale == "phase 'predict' did not stand being asked again: crashed"


def test_who_says_something_else_once_it_is_timed_fails(bench: Bench) -> None:
    lazy = HONEST.replace(
        b"    return slope", b"    if len(rows) == 4: return [0] * 4\n    return slope"
    )
    found = findings(bench, lazy)["speed"]
    assert found.outcome is Outcome.FAILED
    assert found.rationale.endswith("answered otherwise than when it was graded")


def test_who_goes_on_computing_in_the_other_s_turn_is_seen(bench: Bench) -> None:
    submission = submission_of(solution_py=BUSY)
    (timing,) = seen(bench, submission).timings
    assert timing.idle_share is not None


def test_nothing_is_measured_of_what_came_to_no_good_end(bench: Bench) -> None:
    evidence = seen(bench, submission_of(solution_py=b"def fit(train): return 1 / 0\n"))
    assert evidence.phases[0].ending is Ending.CRASHED
    assert (evidence.reference, evidence.timings) == ((), ())


def test_a_solution_that_does_not_run_is_the_lab_s_fault(bench: Bench) -> None:
    solution = bench.folder / "solution" / "solution.py"
    solution.write_bytes(b"def fit(train): return 1 / 0\n")
    with pytest.raises(LabError, match="own solution ended badly in phase 'fit': crashed"):
        seen(bench, submission_of(solution_py=HONEST))
    solution.unlink()
    with pytest.raises(LabError, match="own solution cannot be measured"):
        seen(bench, submission_of(solution_py=HONEST))


def test_a_table_with_too_few_rows_for_the_rounds_is_the_lab_s_fault(tmp_path: Path) -> None:
    made = bench_of(tmp_path, LAB, BUILD.replace("range(64)", "range(9)"))
    (made.folder / "solution").mkdir()
    (made.folder / "solution" / "solution.py").write_bytes(HONEST.replace(b"64", b"9"))
    with pytest.raises(LabError, match="table 'features' has too few rows"):
        seen(made, submission_of(solution_py=HONEST.replace(b"64", b"9")))
