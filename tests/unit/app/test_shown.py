"""What a learner is told where the lab says: not everything."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import r2_score
from tests.unit.app.feedback_lab import Course

from labrun.app.recording import write_report
from labrun.app.recover import open_ledger
from labrun.app.shown import _groups, _View
from labrun.domain.evidence import Evidence
from labrun.domain.grade import Estimate, Finding, Outcome
from labrun.domain.result import Result
from labrun.domain.submission import Submission
from labrun.errors import LabError
from labrun.grading.scoring import ScoredOptions
from labrun.report import FORMATS
from labrun.store.tables import metadata
from labrun.tracker import facts

pytestmark = pytest.mark.slow

Start = Callable[..., Course]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RETOLD = {"seconds", "timings", "received", "id", "sha256", "started", "ended"}


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    made = iter(range(10))

    def start(**choices: Any) -> Course:
        folder = tmp_path / str(next(made))
        folder.mkdir()
        return Course(folder, monkeypatch, **choices)

    return start


def measured(result: Result) -> Estimate:
    estimate = result.checks[1].estimate
    assert estimate is not None
    return estimate


def facts_alone(value: Any) -> Any:
    """Return JSON without what differs between any two submissions."""
    if isinstance(value, dict):
        return {k: facts_alone(v) for k, v in value.items() if k not in RETOLD}
    return [facts_alone(each) for each in value] if isinstance(value, list) else value


def everything_told(result: Result, folder: Path) -> list[str]:
    """Return all that a learner can get to see of a submission, in every form."""
    earlier = [
        each.model_copy(update={"shown_from": each.shown_from and "0" * 26})
        for each in result.checks
    ]
    plain = result.model_copy(
        update={
            "checks": tuple(earlier),
            "submission": result.submission.model_copy(
                update={"id": "0" * 26, "sha256": "0" * 64, "received": NOON}
            ),
            "seconds": 0,
            "timings": {},
        }
    )
    folder.mkdir(exist_ok=True)
    page = write_report(plain, folder).read_text()
    numbers = facts.metrics(plain), facts.params(plain), facts.tags(plain)
    return [page, *(each(plain) for each in FORMATS.all().values()), repr(numbers)]


def test_nothing_that_is_told_depends_on_a_final_row(start: Start, tmp_path: Path) -> None:
    courses = [start(), start()]
    told = []
    for course, spoiled in zip(courses, (False, True), strict=True):
        answers = [course.noisy(size) for size in (1.5, 0.9, 0.4, 0.3)]
        if spoiled:
            for answer in answers:
                answer[~course.shown] = -1e6
        results = [course.hand_in(answer) for answer in answers]
        told.append([everything_told(each, tmp_path / "page") for each in results])
    assert (courses[0].shown == courses[1].shown).all()
    assert told[0] == told[1]


def test_what_the_ledger_and_the_leaderboard_say_depends_on_no_final_row(start: Start) -> None:
    courses = [start(), start()]
    kept, boards = [], []
    for course, spoiled in zip(courses, (False, True), strict=True):
        for size in (1.5, 0.9, 0.4):
            answer = course.noisy(size)
            if spoiled:
                answer[~course.shown] = -1e6
            course.hand_in(answer)
        with open_ledger(course.settings) as ledger:
            board = ledger.board(course.bench.lab)
            boards.append([(each.rank, each.score, each.estimate) for each in board.official])
            with ledger._database.read() as tx:
                tables = [metadata.tables[name] for name in ("grades", "standings", "shown")]
                rows = [tx.connection.execute(table.select()).mappings() for table in tables]
                kept.append([[_telling(row) for row in table] for table in rows])
    assert boards[0] == boards[1]
    assert kept[0] == kept[1]


def _telling(row: Any) -> dict[str, Any]:
    differing = {"submission_id", "received", "at", "evidence"}
    found = {name: value for name, value in row.items() if name not in differing}
    if "result" in found:
        found["result"] = facts_alone(json.loads(found["result"]))
    for check in found.get("result", {}).get("checks", ()):
        check.pop("shown_from")
    return found


def test_feedback_is_of_its_own_rows_in_whole_standard_errors(start: Start) -> None:
    course = start(step="none")
    answer = course.noisy(2.0)
    result = course.hand_in(answer)
    rows = course.shown
    exact = r2_score(course.truth[rows], answer[rows])
    estimate = measured(result)
    step = (estimate.high - estimate.low) / (2 * 1.959964)
    assert (result.part, estimate.n, result.plots) == ("feedback", rows.sum(), ())
    assert float(f"{step:.6g}") == float(f"{step:.0e}")  # one digit
    assert abs(estimate.value - exact) <= step / 2
    assert result.score == pytest.approx(100 * min(1, (estimate.value - 0.5) / 0.45), abs=0.01)


def test_without_a_ladder_each_submission_is_told_its_own_value(start: Start) -> None:
    course = start(step="none")
    good, bad = (measured(course.hand_in(course.noisy(size))) for size in (0.5, 4.0))
    assert bad.value < good.value - 0.2


def test_on_a_ladder_what_is_told_moves_with_clear_improvements_only(start: Start) -> None:
    course = start()
    results = [course.hand_in(course.noisy(size, seed=3)) for size in (2.0, 4.0, 1.99, 0.4)]
    first, worse, hardly, better = results
    assert measured(first) == measured(worse) == measured(hardly)
    assert measured(better).value > measured(first).value
    sources = [each.checks[1].shown_from for each in results]
    assert sources == [None, first.submission.id, first.submission.id, None]
    assert [each.score for each in (worse, hardly)] == [first.score, first.score]
    said = FORMATS["text"](worse)
    assert f"shown is the value of {first.submission.id[-6:]}: this one is not" in said


def test_a_ladder_is_a_learners_own(start: Start) -> None:
    course = start()
    ada = course.hand_in(course.noisy(0.4))
    bob = course.hand_in(course.noisy(3.0), learner="bob")
    assert measured(bob).value < measured(ada).value
    assert bob.checks[1].shown_from is None


def test_where_nothing_is_kept_for_a_close_a_submission_earns_its_own_points(
    start: Start,
) -> None:
    course = start(feedback=None)
    good, bad = course.hand_in(course.noisy(0.4)), course.hand_in(course.noisy(4.0))
    assert measured(bad) == measured(good)
    assert (good.score, bad.score) == (100, 0)
    assert bad.checks[1].outcome is Outcome.FAILED
    assert (bad.part, measured(bad).n) == ("all", len(course.truth))


def test_a_mark_is_held_against_the_exact_value_where_the_grade_counts(start: Start) -> None:
    course = start(feedback=None)
    answer = course.noisy(2.0)
    exact = r2_score(course.truth, answer)
    for mark, outcome in ((exact - 1e-4, Outcome.PASSED), (exact + 1e-4, Outcome.FAILED)):
        strict = start(feedback=None, decision={"rule": "point", "at": float(mark)})
        assert strict.hand_in(answer).checks[1].outcome is outcome


def test_a_lab_that_hides_nothing_tells_what_it_always_told(start: Start) -> None:
    course = start(feedback=None, step="none")
    answer = course.noisy(2.0)
    result = course.hand_in(answer)
    assert measured(result).value == pytest.approx(r2_score(course.truth, answer))
    assert (result.part, result.checks[1].shown_from) == ("all", None)
    assert len(result.plots) == 2


def test_predictions_that_cannot_be_scored_fail_and_show_nothing(start: Start) -> None:
    course = start()
    broken = course.noisy(1.0)
    broken[:] = np.inf
    result = course.hand_in(broken)
    assert result.checks[1].estimate is None
    assert course.hand_in(course.noisy(1.0)).checks[1].shown_from is None


@pytest.mark.parametrize(
    ("feedback", "outcome", "said"),
    [
        (0.4, Outcome.PASSED, "held, as far as can be told before the lab is closed"),
        (None, Outcome.PASSED, "held"),  # it is never closed
        (0.4, Outcome.FAILED, "did not hold"),
        (None, Outcome.FAILED, "did not hold"),
    ],
)
def test_of_what_looks_at_answers_only_the_outcome_is_told(
    start: Start, feedback: float | None, outcome: Outcome, said: str
) -> None:
    course = start(feedback=feedback)
    evidence = Evidence(lab="x", submission="0" * 64, split="hidden", seed=0, phases=())
    view = _View(course.bench, Submission(lab="x", files={"a.py": b""}), evidence, "", {}, None)
    probe: Any = SimpleNamespace(options=SimpleNamespace(tables=lambda: ("truth",)))
    found = Finding(outcome=outcome, share=1, rationale="agrees with 12 of 300 answers")
    assert view(probe, found).rationale == said


def test_two_kinds_of_groups_for_one_split_are_the_labs_fault() -> None:
    options = tuple(ScoredOptions(metric="r2", groups=name) for name in ("user", "day"))
    bench: Any = SimpleNamespace(grader=SimpleNamespace(options=options))
    with pytest.raises(LabError, match="name groups 'user' and 'day'"):
        _groups(bench)
