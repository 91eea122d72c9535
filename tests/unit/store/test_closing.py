from typing import Any

import pytest

from labrun.domain.grade import Estimate
from labrun.domain.lab import Attempts
from labrun.domain.leaderboard import Final, Shown
from labrun.domain.result import Status
from labrun.errors import RefusedError
from labrun.store.ledger import Ledger
from labrun.store.ledger_records import Entry, Kind

Make = Any  # tests/unit/store/conftest.py
Clock = Any
LADDER = {"leaderboard": {"check": "auc"}, "grading": {"feedback": 0.4}}


def final(make: Make, row: Entry, rank: Estimate | None, score: float = 80) -> Final:
    return Final(
        submission=row.id,
        learner=row.learner,
        received=row.queued_at,
        submissions=1,
        result=make.result(row, score=score).model_copy(update={"part": "final"}),
        rank=rank,
    )


def counting(ledger: Ledger) -> dict[str, str]:
    return {row.learner: row.id for row in ledger.closing.counting("c02")}


def test_the_last_graded_submission_counts_unless_another_was_chosen(
    ledger: Ledger, make: Make, clock: Clock
) -> None:
    rows = []
    for content in "abc":
        rows.append(make.graded(ledger, content=content, rank=make.estimate(0.9)))
        clock.advance(seconds=1)
    other = make.graded(ledger, learner="bob")
    make.graded(ledger, learner="cy", official=False)
    assert counting(ledger) == {"ada": rows[2].id, "bob": other.id}
    ledger.closing.choose(rows[0].id)
    ledger.closing.choose(rows[1].id)  # one may change one's mind
    assert counting(ledger) == {"ada": rows[1].id, "bob": other.id}


def test_only_what_is_graded_and_official_can_be_chosen(ledger: Ledger, make: Make) -> None:
    practice = make.graded(ledger, official=False)
    waiting = ledger.submit(make.new(), Attempts())
    with pytest.raises(RefusedError, match="is unofficial: it cannot be the one that counts"):
        ledger.closing.choose(practice.id)
    with pytest.raises(RefusedError, match="is queued: it cannot be the one that counts"):
        ledger.closing.choose(waiting.id)


def test_a_lab_is_not_closed_while_a_submission_is_on_its_way(ledger: Ledger, make: Make) -> None:
    row = ledger.submit(make.new(), Attempts())
    with pytest.raises(RefusedError, match=rf"1 unfinished \({row.short} of ada\)"):
        ledger.closing.close("c02")
    assert ledger.closing.closed("c02") is None
    ledger.cancel(row.id, "regret")
    assert ledger.closing.close("c02") == ledger.closing.closed("c02")


def test_a_closed_lab_takes_nothing_more(ledger: Ledger, make: Make, clock: Clock) -> None:
    row = make.graded(ledger)
    at = ledger.closing.close("c02")
    clock.advance(hours=1)
    assert ledger.closing.close("c02") == at  # again: it was closed then
    with pytest.raises(RefusedError, match="lab 'c02' was closed at 2026-03-01 12:00 UTC"):
        ledger.submit(make.new(content="b"), Attempts())
    with pytest.raises(RefusedError, match="was closed"):
        ledger.closing.choose(row.id)
    assert ledger.submit(make.new(), Attempts()).id == row.id  # the same files: the earlier grade
    ledger.submit(make.new(content="c", official=False), Attempts())
    ledger.submit(make.new(content="c", kind=Kind.EXAM), Attempts())
    ledger.submit(make.new(content="c", lab="c01"), Attempts())


def test_the_leaderboard_is_of_feedback_until_everything_that_counts_is_known(
    ledger: Ledger, make: Make
) -> None:
    lab = make.lab(**LADDER)
    ada = make.graded(ledger, learner="ada", rank=make.estimate(0.9))
    bob = make.graded(ledger, learner="bob", rank=make.estimate(0.8))
    ledger.closing.close("c02")
    assert not ledger.closing.settled("c02")
    assert (ledger.board(lab).part, ledger.board(lab).official[0].learner) == ("feedback", "ada")
    assert ledger.closing.result(ada.id) is None

    finals = [final(make, ada, make.estimate(0.7), 60), final(make, bob, make.estimate(0.8))]
    ledger.closing.settle("c02", finals)
    board = ledger.board(lab)
    assert board.part == "final"
    assert [(each.learner, each.score) for each in board.official] == [("bob", 80), ("ada", 60)]
    found = ledger.closing.result(ada.id)
    assert found is not None
    assert (found.part, found.score, ledger.result(ada.id).score) == ("final", 60, 80)
    with pytest.raises(RefusedError, match="was graded finally before"):
        ledger.closing.settle("c02", finals)


def test_a_final_without_a_verdict_is_refused_and_nothing_is_kept(
    ledger: Ledger, make: Make
) -> None:
    ada, bob = make.graded(ledger), make.graded(ledger, learner="bob")
    broken = final(make, bob, None)
    result = make.result(bob, status=Status.INVALID)
    with pytest.raises(ValueError, match="needs a verdict"):
        ledger.closing.settle(
            "c02", [final(make, ada, None), broken.model_copy(update={"result": result})]
        )
    assert not ledger.closing.settled("c02")


def test_what_was_shown_is_kept_with_the_grade_by_learner_and_check(
    ledger: Ledger, make: Make
) -> None:
    row = ledger.submit(make.new(), Attempts())
    shown = Shown(check="auc", submission=row.id, estimate=make.estimate(0.8))
    claim = ledger.claim(row.id, make.worker())
    assert claim is not None
    assert ledger.finish(claim, make.result(row), evidence="e" * 64, shown=[shown])
    assert ledger.shown("ada", "c02") == {"auc": shown.model_copy(update={"evidence": "e" * 64})}
    assert ledger.shown("bob", "c02") == ledger.shown("ada", "c02", official=False) == {}

    later = ledger.submit(make.new(content="b"), Attempts())
    claim = ledger.claim(later.id, make.worker())
    assert claim is not None
    ledger.finish(claim, make.result(later), shown=[shown.model_copy(update={"tries": 2})])
    assert ledger.shown("ada", "c02")["auc"].tries == 2
