from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrun.domain.grade import Estimate, Outcome, Verdict
from labrun.domain.regrade import (
    Change,
    Marks,
    change_of,
    changed_checks,
    falls,
    kept,
    result_name,
)
from labrun.domain.result import CheckInfo

PASSED, FAILED = Verdict.PASSED, Verdict.FAILED


def rank(value: float, metric: str = "auc", direction: Any = "higher") -> Estimate:
    return Estimate(
        metric=metric, value=value, low=value, high=value, level=0.95, method="m", n=9,
        direction=direction,
    )  # fmt: skip


def check(outcome: Outcome, points: float, **fields: Any) -> CheckInfo:
    plain: dict[str, Any] = {
        "id": "auc", "type": "threshold", "title": "a", "outcome": outcome, "points": points,
        "of": 10, "gate": False, "rationale": "needs 0.9", "reveal": "all",
    }  # fmt: skip
    return CheckInfo(**plain | fields)


marks = st.builds(
    Marks,
    verdict=st.sampled_from([PASSED, FAILED]),
    score=st.integers(0, 100).map(float),
    rank=st.one_of(st.none(), st.floats(0, 1).map(rank)),
)


@given(before=marks, after=marks)
def test_no_part_of_a_result_is_ever_lowered(before: Marks, after: Marks) -> None:
    found = kept(before, after)
    assert (found.verdict == PASSED) >= (before.verdict == PASSED)
    assert found.score is not None
    assert before.score is not None
    assert found.score >= before.score
    if before.rank:
        assert found.rank
        assert found.rank.value >= before.rank.value


@given(before=marks, after=marks)
def test_only_what_is_better_in_some_part_rises(before: Marks, after: Marks) -> None:
    assert (change_of(before, after) is Change.RISES) == (kept(before, after) != before)


@pytest.mark.parametrize(
    ("before", "after", "change", "worse"),
    [
        (Marks(verdict=FAILED, score=60), Marks(verdict=PASSED, score=75), Change.RISES, ()),
        (Marks(verdict=PASSED, score=80), Marks(verdict=PASSED, score=80), Change.SAME, ()),
        (Marks(verdict=PASSED, score=80), Marks(verdict=PASSED, score=75), Change.KEPT, ("score",)),
        (
            Marks(verdict=PASSED, score=80),
            Marks(verdict=FAILED, score=75),
            Change.KEPT,
            ("verdict", "score"),
        ),
        (
            Marks(verdict=PASSED, score=80),
            Marks(verdict=FAILED, score=85),
            Change.RISES,
            ("verdict",),
        ),
        (Marks(), Marks(verdict=FAILED, score=10), Change.RISES, ()),
        (
            Marks(verdict=FAILED, score=60, rank=rank(0.8)),
            Marks(verdict=FAILED, score=60, rank=rank(0.7)),
            Change.KEPT,
            ("leaderboard value",),
        ),
    ],
)  # fmt: skip
def test_a_change_says_what_rises_and_what_is_kept(
    before: Marks, after: Marks, change: Change, worse: tuple[str, ...]
) -> None:
    assert change_of(before, after) is change
    assert falls(before, after) == worse


def test_less_is_more_where_the_metric_says_so() -> None:
    before, after = (
        Marks(rank=rank(0.2, direction="lower")),
        Marks(rank=rank(0.1, direction="lower")),
    )
    assert kept(before, after).rank == after.rank
    assert kept(after, before).rank == after.rank


def test_a_rank_by_another_metric_takes_its_place() -> None:
    before, after = Marks(rank=rank(0.9)), Marks(rank=rank(0.1, "f1"))
    assert kept(before, after).rank == after.rank


def test_the_checks_that_changed_are_named_with_the_reason() -> None:
    before = [
        check(Outcome.FAILED, 0),
        check(Outcome.PASSED, 5, id="gone"),
        check(Outcome.PASSED, 1, id="x"),
    ]
    after = [
        check(Outcome.PASSED, 10, gate=True),
        check(Outcome.PASSED, 1, id="x"),
        check(Outcome.FAILED, 0, id="new"),
    ]
    changed, new, gone = changed_checks(before, after)
    assert (changed.id, changed.before, changed.after) == ("auc", Outcome.FAILED, Outcome.PASSED)
    assert changed.why == "now a gate; needs 0.9"
    assert (new.id, new.before, gone.id, gone.after) == ("new", None, "gone", None)


def test_a_measured_value_that_moved_is_said() -> None:
    (found,) = changed_checks(
        [check(Outcome.FAILED, 0, estimate=rank(0.8))],
        [check(Outcome.FAILED, 0, estimate=rank(0.85))],
    )
    assert found.why == "auc 0.8 → auc 0.85; needs 0.9"


def test_results_have_names() -> None:
    assert [result_name("a", number) for number in (0, 1, 2)] == [None, "a", "a.2"]
