from typing import Any

from labrun.domain.lab import Attempts
from labrun.domain.result import Status
from labrun.store.ledger import Ledger
from labrun.store.ledger_records import Kind

Make = Any  # tests/unit/store/conftest.py
Clock = Any


def test_the_best_of_each_learner_counts(ledger: Ledger, make: Make, clock: Clock) -> None:
    lab = make.lab(leaderboard={"check": "auc"})
    tries = [("ada", 0.7), ("bob", 0.9), ("ada", 0.95), ("ada", 0.8), ("cy", 0.9)]
    rows = []
    for place, (learner, value) in enumerate(tries):
        new = {"learner": learner, "content": str(place)}
        rows.append(make.graded(ledger, rank=make.estimate(value), **new).id)
        clock.advance(seconds=1)
    board = ledger.board(lab)
    assert [(each.rank, each.learner, each.submissions) for each in board.official] == [
        (1, "ada", 3),
        (2, "bob", 1),  # a tie goes to the earliest
        (3, "cy", 1),
    ]
    assert board.official[0].submission == rows[2]
    assert board.official[0].estimate == make.estimate(0.95)
    assert (board.metric, board.title, board.unofficial) == ("roc_auc", "A lab", ())


def test_a_tie_with_oneself_goes_to_the_earlier(ledger: Ledger, make: Make, clock: Clock) -> None:
    first = make.graded(ledger, content="a", rank=make.estimate(0.5))
    clock.advance(seconds=1)
    make.graded(ledger, content="b", rank=make.estimate(0.5))
    (best,) = ledger.board(make.lab(leaderboard={"check": "auc"})).official
    assert (best.submission, best.received) == (first.id, first.queued_at)


def test_less_is_better_where_the_metric_says_so(ledger: Ledger, make: Make) -> None:
    lab = make.lab(leaderboard={"check": "auc"})
    for learner, value in [("ada", 3), ("bob", 2), ("cy", 9)]:
        rank = make.estimate(value, direction="lower", metric="rmse")
        make.graded(ledger, learner=learner, rank=rank)
    assert [each.learner for each in ledger.board(lab).official] == ["bob", "ada", "cy"]


def test_without_a_leaderboard_check_the_score_ranks(ledger: Ledger, make: Make) -> None:
    make.graded(ledger, learner="ada", score=40, rank=make.estimate(0.99))
    make.graded(ledger, learner="bob", score=60, rank=make.estimate(0.10))
    board = ledger.board(make.lab())
    assert [(each.learner, each.score) for each in board.official] == [("bob", 60), ("ada", 40)]
    assert board.metric is None


def test_a_submission_that_was_never_measured_comes_last(
    ledger: Ledger, make: Make, clock: Clock
) -> None:
    lab = make.lab(leaderboard={"check": "auc"})
    make.graded(ledger, learner="ada", score=90)
    clock.advance(seconds=1)
    make.graded(ledger, learner="bob", score=10, rank=make.estimate(-5))
    make.graded(ledger, learner="cy", score=99, rank=make.estimate(float("nan")))
    last = ledger.board(lab).official
    assert [each.learner for each in last] == ["bob", "ada", "cy"]
    assert last[1].estimate is None


def test_unofficial_runs_stand_apart(ledger: Ledger, make: Make) -> None:
    make.graded(ledger, learner="ada", score=50)
    make.graded(ledger, learner="ada", score=99, official=False)
    board = ledger.board(make.lab())
    assert [(each.rank, each.score, each.submissions) for each in board.official] == [(1, 50, 1)]
    assert [(each.rank, each.score) for each in board.unofficial] == [(1, 99)]


def test_only_grades_of_this_lab_and_kind_are_ranked(ledger: Ledger, make: Make) -> None:
    make.graded(ledger, lab="c01")
    make.graded(ledger, kind="exam", learner="bob")
    ledger.submit(make.new(learner="cy"), Attempts())
    row = ledger.submit(make.new(learner="dan"), Attempts())
    claim = ledger.claim(row.id, make.worker())
    assert claim is not None
    ledger.finish(claim, make.result(row, status=Status.INVALID))
    assert ledger.board(make.lab()).official == ()
    assert [each.learner for each in ledger.board(make.lab(), kind=Kind.EXAM).official] == ["bob"]


def test_a_board_reads_one_row_a_learner_and_no_grade(ledger: Ledger, make: Make) -> None:
    from labrun.store.ledger_board import _kept  # noqa: PLC0415  (a look inside)

    query = _kept("c02", Kind.PRACTICE, "estimate", official=True)
    with ledger._database.read() as tx:
        sql = query.compile(tx.connection.engine, compile_kwargs={"literal_binds": True})
        plan = [row[3] for row in tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
    assert make.graded(ledger).id in [each.submission for each in ledger.board(make.lab()).official]
    assert "SEARCH standings USING INDEX" in plan[0], plan
    assert not any("grades" in step for step in plan), plan


def test_a_better_grade_takes_the_tier_away_until_ranks_are_compared(
    ledger: Ledger, make: Make
) -> None:
    lab = make.lab(leaderboard={"check": "auc"})
    first = make.graded(ledger, content="a", rank=make.estimate(0.7))
    ledger.tell_tiers("c02", {first.id: 1})
    make.graded(ledger, content="b", rank=make.estimate(0.6))
    assert [(each.tier, each.submissions) for each in ledger.board(lab).official] == [(1, 2)]
    make.graded(ledger, content="c", rank=make.estimate(0.8))
    assert [(each.tier, each.submissions) for each in ledger.board(lab).official] == [(None, 3)]
    ledger.tell_tiers("c02", {})
    assert ledger.board(lab).official[0].tier is None
