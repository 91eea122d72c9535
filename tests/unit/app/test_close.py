"""The close: once, on the rows kept for it, what each learner wants to count."""

from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import r2_score
from tests.unit.app.feedback_lab import LAB, Course

from labrun.app.close import choose
from labrun.app.progress import Silence
from labrun.app.recording import record_pending
from labrun.app.recover import open_ledger
from labrun.app.tiers import compare
from labrun.app.views import leaderboard, result_of_submission
from labrun.domain.result import Result
from labrun.errors import RefusedError, StoreError, UserError
from labrun.report.leaderboard import board_text
from labrun.tracker.null import NullTracker

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Record nowhere: MLflow takes seconds to import, and has tests of its own."""

    def forget(_settings: Any) -> NullTracker:
        return NullTracker(uri="", artifacts=None, ui_url="")

    monkeypatch.setattr("labrun.app.recording.tracker_for", forget)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    return Course(tmp_path, monkeypatch)


def final(course: Course, submission: Result) -> Result:
    return result_of_submission(submission.submission.id, course.settings)


def value(result: Result) -> float:
    estimate = result.checks[1].estimate
    assert estimate is not None
    return estimate.value


def test_the_last_counts_by_its_final_rows_alone_and_exactly(course: Course) -> None:
    answers = [course.noisy(size, seed) for seed, size in enumerate((0.2, 1.5))]
    best, last = (course.hand_in(answer) for answer in answers)
    closed = course.close()
    kept = ~course.shown
    exact = r2_score(course.truth[kept], answers[1][kept])
    assert value(final(course, last)) == pytest.approx(exact, rel=1e-9)
    (standing,) = closed.board.official
    assert (standing.submission, standing.submissions) == (last.submission.id, 2)
    assert standing.score == pytest.approx(100 * min(1, (exact - 0.5) / 0.45), abs=0.01)
    assert final(course, last).part == "final"
    assert final(course, best).part == "feedback"  # never best of n


def test_the_chosen_one_counts_instead_of_the_last(course: Course) -> None:
    first = course.hand_in(course.noisy(0.2))
    course.hand_in(course.noisy(3.0))
    row = choose(first.submission.id[-6:], course.settings)
    assert row.id == first.submission.id
    assert course.close().board.official[0].submission == first.submission.id


def test_what_shone_on_the_feedback_rows_alone_falls_at_the_close(course: Course) -> None:
    lucky = course.noisy(4.0)
    lucky[course.shown] = course.truth[course.shown]
    shown = course.hand_in(lucky)
    course.hand_in(course.noisy(1.0), learner="bob")
    with open_ledger(course.settings) as ledger:
        before = ledger.board(course.bench.lab)
    assert [each.learner for each in before.official] == ["ada", "bob"]
    assert [each.learner for each in course.close().board.official] == ["bob", "ada"]
    assert (shown.verdict, final(course, shown).verdict) == ("passed", "failed")
    assert "FINAL" in board_text(course.close().board).upper()


def test_nothing_of_a_learner_is_closed_over_by_somebody_else(course: Course) -> None:
    mine = course.hand_in(course.noisy(1.0))
    bobs = course.settings.model_copy(update={"learner": "bob"})
    with pytest.raises(RefusedError, match="is not by 'bob'"):
        choose(mine.submission.id, bobs)


def test_a_closed_lab_takes_nothing_and_says_what_counts(course: Course) -> None:
    mine = course.hand_in(course.noisy(1.0))
    first = course.close()
    assert course.close() == first
    with pytest.raises(RefusedError, match=f"lab '{LAB}' was closed at"):
        course.hand_in(course.noisy(0.5))
    with pytest.raises(RefusedError, match="was closed at"):
        choose(mine.submission.id, course.settings)
    assert leaderboard(LAB, course.settings).part == "final"


def test_a_close_that_was_interrupted_shows_nothing_and_goes_on(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.hand_in(course.noisy(1.0))
    course.hand_in(course.noisy(0.5), learner="bob")
    with monkeypatch.context() as patched:

        def lost(_self: Any, digest: str) -> None:
            msg = f"{digest} is missing"
            raise StoreError(msg)

        patched.setattr("labrun.app.close.EvidenceStore.load", lost)
        with pytest.raises(StoreError, match="is missing"):
            course.close()
    assert leaderboard(LAB, course.settings).part == "feedback"
    with pytest.raises(RefusedError, match="was closed"):
        course.hand_in(course.noisy(0.4))
    assert [each.learner for each in course.close().board.official] == ["bob", "ada"]


def test_a_lab_that_keeps_no_rows_cannot_be_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = Course(tmp_path, monkeypatch, feedback=None)
    mine = course.hand_in(course.noisy(1.0))
    for act in (course.close, lambda: choose(mine.submission.id, course.settings)):
        with pytest.raises(UserError, match="keeps no hidden rows for the end"):
            act()


def test_ranks_that_cannot_be_told_apart_share_a_tier_before_and_after(course: Course) -> None:
    for number, (learner, size) in enumerate([("ada", 0.5), ("bob", 0.5), ("cy", 3.0)]):
        course.hand_in(course.noisy(size, seed=number), learner=learner)
    with open_ledger(course.settings) as ledger:
        board = ledger.board(course.bench.lab)
        assert {each.tier for each in board.official} == {None}
        compare(ledger, board, course.lab, course.settings)
    tiers = {each.learner: each.tier for each in leaderboard(LAB, course.settings).official}
    assert tiers == {"ada": 1, "bob": 1, "cy": 2}
    assert {each.learner: each.tier for each in course.close().board.official} == tiers


def test_tiers_are_compared_when_a_grade_is_recorded(course: Course) -> None:
    course.hand_in(course.noisy(1.0))
    assert [each.error for each in record_pending(course.settings)] == [None]
    board = leaderboard(LAB, course.settings)
    assert [each.tier for each in board.official] == [1]
    assert "rank  tier  learner" in board_text(board)


def test_a_close_says_whom_it_grades(course: Course) -> None:
    class Heard(Silence):
        def __init__(self) -> None:
            self.lines: list[str] = []

        def say(self, text: str) -> None:
            self.lines.append(text)

    from labrun.app.close import close  # noqa: PLC0415  (the course's own says nothing)

    mine, heard = course.hand_in(course.noisy(1.0)), Heard()
    close(LAB, course.settings, heard)
    assert heard.lines == [f"[1/1] ada  {mine.submission.id[-6:]}"]
