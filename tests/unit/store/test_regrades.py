import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labrun.domain.grade import Estimate, Verdict
from labrun.domain.lab import Attempts
from labrun.domain.leaderboard import Final
from labrun.domain.regrade import Change, Item, Marks, Proposal, change_of, kept
from labrun.domain.result import How, Status
from labrun.errors import RefusedError, UserError
from labrun.store.ledger import Ledger
from labrun.store.ledger_ids import new_id
from labrun.store.ledger_publish import LabNow
from labrun.store.ledger_records import Claim, Entry, State, Worker
from labrun.store.ledger_regrades import Judged, NewRegrade

Make = Any  # tests/unit/store/conftest.py
Clock = Any
Begin = Callable[..., Claim]
NOW = LabNow(version="1.1.0", digest="e", data_digest="t")


def alive(_: Worker) -> bool:
    return True


def dead(_: Worker) -> bool:
    return False


@pytest.fixture
def begin(ledger: Ledger, make: Make) -> Begin:
    def begin(*chosen: Entry, is_alive: Any = dead, **fields: Any) -> Claim:
        plain = {
            "id": new_id(make.clock.now),
            "lab": "c02",
            "how": How.RESCORE,
            "only": (),
            "lab_version": "1.1.0",
            "lab_digest": "e",
            "data_digest": "t",
            "grader": "0",
        }
        new = NewRegrade.model_validate(plain | fields)
        return ledger.regrades.begin(new, chosen, make.worker(), is_alive)

    return begin


def judged(
    ledger: Ledger, make: Make, row: Entry, score: float, rank: Estimate | None = None
) -> Judged:
    """Return a submission regraded to ``score``."""
    current = ledger.regrades.current(row.id)
    old = Marks(verdict=current.result.verdict, score=current.result.score, rank=current.rank)
    result = make.result(row, score=score)
    new = Marks(verdict=result.verdict, score=score, rank=rank)
    item = Item(
        submission=row.id, learner=row.learner, received=row.queued_at, number=current.number,
        lab_version="1.0.0", lab_digest="d", change=change_of(old, new), before=old, after=new,
        kept=kept(old, new),
    )  # fmt: skip
    return Judged(item=item, result=result)


def proposed(
    ledger: Ledger, make: Make, begin: Begin, scores: dict[str, float], **fields: Any
) -> Proposal:
    rows = [ledger.find(each) for each in scores]
    claim = begin(*rows, **fields)
    for row in rows:
        assert ledger.regrades.keep(claim, judged(ledger, make, row, scores[row.id]))
    ledger.regrades.end(claim)
    return ledger.regrades.find("c02", claim.id)


def publish(ledger: Ledger, proposal: Proposal, now: LabNow = NOW) -> Proposal:
    return ledger.regrades.publish("c02", proposal.id, now, reason="a wrong label")


def test_a_proposal_changes_nothing(ledger: Ledger, make: Make, begin: Begin) -> None:
    row = make.graded(ledger, score=60)
    found = proposed(ledger, make, begin, {row.id: 90})
    assert (found.state, found.items[0].change) == ("proposed", Change.RISES)
    assert ledger.find(row.id) == row
    assert ledger.result(row.id).score == 60


def test_what_rises_replaces_what_was_published_and_both_are_kept(
    ledger: Ledger, make: Make, begin: Begin
) -> None:
    row = make.graded(ledger, score=60)
    published = publish(ledger, proposed(ledger, make, begin, {row.id: 90}))
    now = ledger.find(row.id)
    assert (published.state, now.verdict, now.score) == ("published", Verdict.PASSED, 90)
    result = ledger.result(row.id)
    assert (result.supersedes, result.score) == (row.id, 90)
    assert result.regrade
    assert (result.regrade.reason, result.regrade.earlier_score) == ("a wrong label", 60)
    (earlier,) = ledger.regrades.earlier([row.id])
    assert (earlier.number, earlier.verdict, earlier.score) == (1, Verdict.FAILED, 60)
    assert ledger.regrades.result(row.id, 1)[0].score == 60
    assert ledger.regrades.result(row.id, 2)[0] == result
    assert ledger.events(row.id)[-1].kind == "regraded"


def test_what_would_fall_stays_as_it_was(ledger: Ledger, make: Make, begin: Begin) -> None:
    row = make.graded(ledger, score=90)
    found = proposed(ledger, make, begin, {row.id: 60})
    assert found.items[0].change is Change.KEPT
    publish(ledger, found)
    assert ledger.find(row.id) == row
    assert ledger.regrades.earlier([row.id]) == ()


def test_of_a_mixed_change_only_the_better_part_counts(
    ledger: Ledger, make: Make, begin: Begin
) -> None:
    row = make.graded(ledger, score=60, rank=make.estimate(0.9))
    claim = begin(row)
    ledger.regrades.keep(claim, judged(ledger, make, row, 90, make.estimate(0.8)))
    ledger.regrades.end(claim)
    publish(ledger, ledger.regrades.find("c02", claim.id))
    result = ledger.result(row.id)
    assert result.regrade
    assert result.regrade.kept == ("leaderboard value",)
    rank = ledger.regrades.current(row.id).rank
    assert rank
    assert (result.score, rank.value) == (90, 0.9)


def test_no_attempt_is_spent(ledger: Ledger, make: Make, begin: Begin) -> None:
    row = make.graded(ledger, score=60)
    before = ledger.chances("ada", "c02", rules=Attempts(max=3))
    publish(ledger, proposed(ledger, make, begin, {row.id: 90}))
    assert ledger.chances("ada", "c02", rules=Attempts(max=3)) == before


def test_the_leaderboard_ranks_by_the_new_result(ledger: Ledger, make: Make, begin: Begin) -> None:
    low = make.graded(ledger, score=60, learner="ada")
    make.graded(ledger, score=80, learner="bob")
    publish(ledger, proposed(ledger, make, begin, {low.id: 95}, only=("ada",)))
    assert [each.learner for each in ledger.board(make.lab()).official] == ["ada", "bob"]


def test_a_result_of_a_broken_lab_becomes_a_grade_that_costs_nothing(
    ledger: Ledger, make: Make, begin: Begin
) -> None:
    row = ledger.submit(make.new(), Attempts())
    claim = ledger.claim(row.id, make.worker())
    assert claim
    ledger.finish(claim, make.result(row, Status.SYSTEM_ERROR))
    publish(ledger, proposed(ledger, make, begin, {row.id: 80}))
    now = ledger.find(row.id)
    assert (now.state, now.score, now.counted) == (State.GRADED, 80, False)
    assert [each.number for each in ledger.pending()] == [2]


def test_a_second_regrade_supersedes_the_first(
    ledger: Ledger, make: Make, begin: Begin, clock: Clock
) -> None:
    row = make.graded(ledger, score=40)
    publish(ledger, proposed(ledger, make, begin, {row.id: 60}))
    clock.advance(seconds=1)
    publish(ledger, proposed(ledger, make, begin, {row.id: 80}))
    result = ledger.result(row.id)
    assert result.supersedes == f"{row.id}.2"
    assert [each.score for each in ledger.regrades.earlier([row.id])] == [60, 40]
    assert [each.number for each in ledger.pending()] == [1, 2, 3]


def test_what_was_replaced_can_be_neither_changed_nor_deleted(
    ledger: Ledger, ledger_path: Path, make: Make, begin: Begin
) -> None:
    row = make.graded(ledger, score=40)
    publish(ledger, proposed(ledger, make, begin, {row.id: 60}))
    connection = sqlite3.connect(ledger_path)
    for statement in ("UPDATE superseded SET score = 99", "DELETE FROM superseded"):
        with pytest.raises(sqlite3.IntegrityError, match="kept for good"):
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("is_alive", [alive, dead])
def test_two_regrades_of_the_same_never_run_at_once(
    ledger: Ledger, make: Make, begin: Begin, is_alive: Any
) -> None:
    row = make.graded(ledger)
    first = begin(row)
    if is_alive is alive:
        with pytest.raises(RefusedError, match="is being worked out by another command"):
            begin(row, is_alive=alive)
        assert ledger.regrades.beat(first)
        return
    second = begin(row, is_alive=dead)
    assert (second.id, second.epoch) == (first.id, first.epoch + 1)
    assert not ledger.regrades.beat(first)
    assert not ledger.regrades.keep(first, judged(ledger, make, row, 90))


def test_a_regrade_on_another_host_is_lost_when_its_lease_ends(
    ledger: Ledger, make: Make, clock: Clock
) -> None:
    row = make.graded(ledger)
    new = NewRegrade(
        id=new_id(clock.now), lab="c02", how=How.RERUN, only=(), lab_version="1", lab_digest="e",
        data_digest=None, grader="0",
    )  # fmt: skip
    there = make.worker(host="there")
    ledger.regrades.begin(new, [row], there, alive)
    with pytest.raises(RefusedError):
        ledger.regrades.begin(new, [row], make.worker(), alive)
    clock.advance(seconds=31)
    assert ledger.regrades.begin(new, [row], make.worker(), alive).epoch == 2


def test_an_interrupted_regrade_goes_on_where_it_stopped(
    ledger: Ledger, make: Make, begin: Begin
) -> None:
    ada, bob = make.graded(ledger, score=60), make.graded(ledger, score=60, learner="bob")
    claim = begin(ada, bob)
    ledger.regrades.keep(claim, judged(ledger, make, ada, 90))
    ledger.regrades.end(claim)
    stopped = ledger.regrades.find("c02", claim.id)
    assert (stopped.state, stopped.waiting) == ("open", 1)
    with pytest.raises(RefusedError, match="is not finished: 1 submissions"):
        publish(ledger, stopped)
    again = begin(ada, bob)
    assert again.id == claim.id
    assert ledger.regrades.waiting(again) == (bob.id,)


def test_what_failed_is_tried_again_and_what_changed_is_done_anew(
    ledger: Ledger, make: Make, begin: Begin
) -> None:
    ada = make.graded(ledger, score=60)
    claim = begin(ada)
    broken = judged(ledger, make, ada, 90).item.model_copy(update={"change": Change.FAILED})
    ledger.regrades.keep(claim, Judged(item=broken))
    ledger.regrades.end(claim)
    assert ledger.regrades.find("c02", claim.id).state == "open"
    assert ledger.regrades.waiting(begin(ada)) == (ada.id,)


def test_a_regrade_of_another_state_of_the_lab_takes_the_place_of_the_earlier(
    ledger: Ledger, make: Make, begin: Begin, clock: Clock
) -> None:
    row = make.graded(ledger, score=60)
    old = proposed(ledger, make, begin, {row.id: 90})
    clock.advance(seconds=1)
    new = proposed(ledger, make, begin, {row.id: 95}, lab_digest="f")
    with pytest.raises(RefusedError, match="was replaced by a later one"):
        publish(ledger, old)
    publish(ledger, new, LabNow(version="1.1.0", digest="f", data_digest="t"))
    assert ledger.find(row.id).score == 95


@pytest.mark.parametrize(
    ("now", "said"),
    [({"digest": "x"}, "the lab changed since"), ({"data_digest": "x"}, "the lab's data changed")],
)
def test_nothing_is_published_once_the_lab_changed(
    ledger: Ledger, make: Make, begin: Begin, now: dict[str, str], said: str
) -> None:
    row = make.graded(ledger, score=60)
    found = proposed(ledger, make, begin, {row.id: 90})
    with pytest.raises(RefusedError, match=said):
        publish(ledger, found, NOW.model_copy(update=now))
    assert ledger.find(row.id) == row


def test_nothing_is_published_twice(ledger: Ledger, make: Make, begin: Begin) -> None:
    row = make.graded(ledger, score=60)
    found = proposed(ledger, make, begin, {row.id: 90})
    publish(ledger, found)
    with pytest.raises(RefusedError, match="was published before"):
        publish(ledger, found)


def test_nothing_is_published_over_another_regrade(
    ledger: Ledger, make: Make, begin: Begin, clock: Clock
) -> None:
    row = make.graded(ledger, score=60)
    one = proposed(ledger, make, begin, {row.id: 90})
    clock.advance(seconds=1)
    other = proposed(ledger, make, begin, {row.id: 95}, only=("ada",))
    publish(ledger, one)
    with pytest.raises(RefusedError, match=f"{row.short} of ada got another result"):
        publish(ledger, other)
    assert ledger.find(row.id).score == 90


@pytest.mark.parametrize(("digest", "refused"), [("d", True), ("e", False)])
def test_whoever_was_graded_meanwhile_with_the_old_lab_is_not_forgotten(
    ledger: Ledger, make: Make, begin: Begin, digest: str, *, refused: bool
) -> None:
    row = make.graded(ledger, score=60)
    found = proposed(ledger, make, begin, {row.id: 90})
    late = make.graded(ledger, learner="bob", lab_digest=digest)
    if refused:
        with pytest.raises(RefusedError, match=f"{late.short} were graded with another state"):
            publish(ledger, found)
    else:
        publish(ledger, found)


def test_a_submission_that_is_running_is_no_candidate(ledger: Ledger, make: Make) -> None:
    done = make.graded(ledger)
    running = ledger.submit(make.new(learner="bob"), Attempts())
    ledger.claim(running.id, make.worker())
    assert [each.id for each in ledger.regrades.candidates("c02")] == [done.id]


def test_a_regrade_that_is_not_there_is_said(ledger: Ledger, make: Make, begin: Begin) -> None:
    row = make.graded(ledger, score=60)
    found = proposed(ledger, make, begin, {row.id: 90})
    with pytest.raises(UserError, match="there is no regrade 'zzz' of c02") as said:
        ledger.regrades.find("c02", "zzz")
    assert said.value.help == f"proposed: {found.short}"
    proposed(ledger, make, begin, {row.id: 90}, only=("ada",))
    with pytest.raises(UserError, match="could be any of"):
        ledger.regrades.find("c02", found.id[:6])


def test_evidence_of_regrades_is_not_cleaned_away(ledger: Ledger, make: Make, begin: Begin) -> None:
    row = make.graded(ledger, score=60)
    claim = begin(row, how=How.RERUN)
    new = judged(ledger, make, row, 90).model_copy(update={"evidence": "f" * 64})
    ledger.regrades.keep(claim, new)
    assert "f" * 64 in ledger.kept_digests()
    ledger.regrades.end(claim)
    publish(ledger, ledger.regrades.find("c02", claim.id))
    assert ledger.find(row.id).evidence == "f" * 64


def test_what_counts_of_a_closed_lab_is_what_is_regraded(
    ledger: Ledger, make: Make, begin: Begin
) -> None:
    row = make.graded(ledger, score=90)
    final = Final(
        submission=row.id, learner="ada", received=row.queued_at, submissions=1,
        result=make.result(row, score=60), rank=None,
    )  # fmt: skip
    ledger.closing.close("c02")
    ledger.closing.settle("c02", [final])
    assert ledger.regrades.current(row.id).result.score == 60
    publish(ledger, proposed(ledger, make, begin, {row.id: 75}))
    counts = ledger.closing.result(row.id)
    assert counts
    assert (counts.score, counts.supersedes) == (75, row.id)
    assert ledger.regrades.result(row.id, 1)[0].score == 60
    assert ledger.regrades.result(row.id, 2)[0] == counts
    assert [each.score for each in ledger.board(make.lab()).official] == [75]
    assert ledger.find(row.id).score == 90
