import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from labrun.domain.lab import Attempts
from labrun.domain.result import Status
from labrun.errors import RefusedError, StoreError, UserError
from labrun.store.ledger import Ledger
from labrun.store.ledger_ids import ALPHABET, new_id
from labrun.store.ledger_records import State
from labrun.store.ledger_runs import FAILURES_TO_HOLD, LEASE

ANY = Attempts()
Make = Any  # tests/unit/store/conftest.py
Clock = Any


def test_ids_sort_by_time_and_do_not_repeat(clock: Clock) -> None:
    first = {new_id(clock.now) for _ in range(100)}
    clock.advance(milliseconds=1)
    assert len(first) == 100
    assert max(first) < new_id(clock.now)
    assert all(len(each) == 26 and set(each) <= set(ALPHABET) for each in first)


def test_a_submission_waits_then_runs_then_is_graded(ledger: Ledger, make: Make) -> None:
    row = ledger.submit(make.new(message="try"), ANY)
    assert (row.state, row.epoch, row.counted, row.message) == (State.QUEUED, 0, None, "try")
    claim = ledger.claim(row.id, make.worker())
    assert claim is not None
    assert ledger.enter_phase(claim, "fit")
    running = ledger.find(row.id)
    assert (running.state, running.phase, running.worker) == (State.RUNNING, "fit", make.worker())
    assert running.lease_until == running.started_at + LEASE  # type: ignore[operator]
    assert ledger.finish(claim, make.result(row, score=81), evidence="e" * 64)
    done = ledger.find(row.id)
    assert (done.state, done.counted, done.score, done.phase) == (State.GRADED, True, 81, None)
    assert done.evidence == "e" * 64
    kinds = [event.kind for event in ledger.events(row.id)]
    assert kinds == ["queued", "running", "phase", "graded"]
    assert ledger.result(row.id) == make.result(row, score=81)


def test_submitting_the_same_id_twice_makes_one_row(ledger: Ledger, make: Make) -> None:
    new = make.new()
    assert ledger.submit(new, ANY) == ledger.submit(new, ANY)
    assert len(ledger.history("ada")) == 1


def test_an_id_cannot_name_two_submissions(ledger: Ledger, make: Make) -> None:
    new = make.new()
    ledger.submit(new, ANY)
    with pytest.raises(RefusedError, match="already names another submission"):
        ledger.submit(new.model_copy(update={"learner": "bob"}), ANY)


def test_only_one_official_submission_runs_at_a_time(ledger: Ledger, make: Make) -> None:
    row = ledger.submit(make.new(), ANY)
    ledger.claim(row.id, make.worker())
    for content in "ab":
        with pytest.raises(RefusedError, match=f"{row.short} on 'c02' is still running") as refused:
            ledger.submit(make.new(content=content), ANY)
        assert f"labrun status {row.short}" in (refused.value.help or "")
    for other in ({"learner": "bob"}, {"lab": "c01"}, {"kind": "exam"}, {"official": False}):
        assert ledger.submit(make.new(**other), ANY).state is State.QUEUED


def test_practice_runs_do_not_wait_for_each_other(ledger: Ledger, make: Make) -> None:
    first = ledger.submit(make.new(official=False), ANY)
    ledger.claim(first.id, make.worker())
    assert ledger.submit(make.new(official=False), ANY).id != first.id


@pytest.mark.parametrize("official", [True, False])
def test_what_waits_gives_way_to_newer_files(ledger: Ledger, make: Make, *, official: bool) -> None:
    old = ledger.submit(make.new(official=official), ANY)
    ledger.submit(make.new(official=not official), ANY)
    new = ledger.submit(make.new(official=official, content="b"), ANY)
    gone = ledger.find(old.id)
    assert (gone.state, gone.why) == (State.CANCELLED, f"replaced by submission {new.short}")
    assert [each.official for each in ledger.unfinished()].count(official) == 1


def test_what_waits_stays_where_the_newer_files_are_refused(ledger: Ledger, make: Make) -> None:
    make.graded(ledger)
    waiting = ledger.submit(make.new(content="b"), ANY)
    with pytest.raises(RefusedError, match="no attempt is left"):
        ledger.submit(make.new(content="c"), Attempts(max=1))
    assert ledger.find(waiting.id).state is State.QUEUED


def test_the_row_a_platform_fault_left_is_used_again(ledger: Ledger, make: Make) -> None:
    row = ledger.submit(make.new(), ANY)
    claim = ledger.claim(row.id, make.worker())
    assert claim is not None
    given_back = ledger.give_back(claim, "Docker went away")
    assert given_back is not None
    assert given_back.why == "Docker went away"
    again = ledger.submit(make.new(), ANY)
    assert (again.id, again.platform_failures) == (row.id, 1)


@pytest.mark.parametrize("change", [{"content": "b"}, {"lab_digest": "other"}])
def test_the_row_a_fault_left_stands_for_nothing_else(
    ledger: Ledger, make: Make, change: dict[str, str]
) -> None:
    row = ledger.submit(make.new(), ANY)
    claim = ledger.claim(row.id, make.worker())
    assert claim is not None
    ledger.give_back(claim, "Docker went away")
    assert ledger.submit(make.new(**change), ANY).id != row.id
    assert ledger.find(row.id).state is State.CANCELLED


def test_the_same_bytes_have_the_earlier_result(ledger: Ledger, make: Make) -> None:
    assert ledger.earlier(make.new()) is None
    row = make.graded(ledger, score=55)
    assert ledger.earlier(make.new()) == make.result(row, score=55)
    assert ledger.submit(make.new(), Attempts(max=1)).id == row.id
    assert len(ledger.history("ada")) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"learner": "bob"},
        {"lab": "c01"},
        {"lab_digest": "e"},
        {"content": "b"},
        {"official": False},
        {"split": "public"},
        {"kind": "exam"},
    ],
)
def test_anything_else_is_a_new_draw(ledger: Ledger, make: Make, change: dict[str, object]) -> None:
    make.graded(ledger)
    assert ledger.earlier(make.new(**change)) is None
    assert ledger.submit(make.new(**change), ANY).state is State.QUEUED


def test_practice_without_a_grade_may_be_repeated(ledger: Ledger, make: Make) -> None:
    first = make.graded(ledger, official=False)
    assert ledger.submit(make.new(official=False), ANY).id != first.id


def test_one_of_two_claims_wins(ledger: Ledger, make: Make) -> None:
    row = ledger.submit(make.new(), ANY)
    assert ledger.claim(row.id, make.worker()) is not None
    assert ledger.claim(row.id, make.worker(name="w2")) is None
    assert ledger.claim("0" * 26, make.worker()) is None


def test_a_lost_lease_can_do_nothing_more(ledger: Ledger, make: Make) -> None:
    row = ledger.submit(make.new(), ANY)
    old = ledger.claim(row.id, make.worker())
    assert old is not None
    ledger.recover("here", lambda _: False)
    new = ledger.claim(row.id, make.worker(name="w2"))
    assert new is not None
    assert new.epoch == old.epoch + 1
    assert not ledger.beat(old)
    assert not ledger.enter_phase(old, "fit")
    assert not ledger.finish(old, make.result(row, score=100))
    assert ledger.give_back(old, "late") is None
    assert ledger.find(row.id).phase is None
    assert ledger.beat(new)
    assert ledger.finish(new, make.result(row, score=10))
    assert not ledger.finish(new, make.result(row, score=100))
    assert ledger.result(row.id).score == 10
    assert len(ledger.pending()) == 1


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.CANCELLED])
def test_only_an_end_finishes(ledger: Ledger, make: Make, status: Status) -> None:
    row = ledger.submit(make.new(), ANY)
    claim = ledger.claim(row.id, make.worker())
    assert claim is not None
    with pytest.raises(ValueError, match=f"cannot finish as '{status.value}'"):
        ledger.finish(claim, make.result(row, status=status))
    assert ledger.find(row.id).state is State.RUNNING


def test_five_platform_faults_hold_a_submission(ledger: Ledger, make: Make, clock: Clock) -> None:
    row = ledger.submit(make.new(), ANY)
    waits = []
    for _ in range(FAILURES_TO_HOLD):
        claim = ledger.claim(row.id, make.worker())
        assert claim is not None
        given_back = ledger.give_back(claim, "no space left")
        assert given_back is not None
        waits.append((given_back.not_before - clock.now) / timedelta(seconds=1))
    held = ledger.find(row.id)
    assert (held.state, held.platform_failures, held.counted) == (State.HELD, 5, None)
    assert waits == [10, 20, 40, 80, 160]
    assert ledger.claim(row.id, make.worker()) is None
    assert ledger.submit(make.new(), ANY).id != row.id


@pytest.mark.parametrize("before", ["queued", "running", "held"])
def test_what_is_not_over_can_be_cancelled(ledger: Ledger, make: Make, before: str) -> None:
    row = ledger.submit(make.new(), ANY)
    claim = None
    for _ in range({"queued": 0, "running": 1, "held": FAILURES_TO_HOLD}[before]):
        claim = ledger.claim(row.id, make.worker())
        if before == "held" and claim is not None:
            ledger.give_back(claim, "fault")
    assert ledger.find(row.id).state == before
    assert ledger.cancel(row.id, "the learner said so")
    assert not ledger.cancel(row.id, "again")
    gone = ledger.find(row.id)
    assert (gone.state, gone.counted, gone.why) == (State.CANCELLED, False, "the learner said so")
    if claim is not None:
        assert not ledger.finish(claim, make.result(row))


def test_a_graded_submission_cannot_be_cancelled(ledger: Ledger, make: Make) -> None:
    row = make.graded(ledger)
    assert not ledger.cancel(row.id, "regret")
    assert not ledger.cancel("0" * 26, "nothing there")
    assert ledger.find(row.id).state is State.GRADED


def test_a_dead_worker_of_this_host_gives_its_submission_back(ledger: Ledger, make: Make) -> None:
    row = ledger.submit(make.new(), ANY)
    claim = ledger.claim(row.id, make.worker(pid=42))
    assert claim is not None
    ledger.enter_phase(claim, "fit")
    (lost,) = ledger.recover("here", lambda worker: worker != make.worker(pid=42))
    assert lost.why == "its process (pid 42) was killed or died during 'fit'"
    assert lost.phase == "fit"
    assert (lost.entry.state, lost.entry.platform_failures) == (State.QUEUED, 1)
    assert ledger.recover("here", lambda _: False) == ()
    last = ledger.events(row.id)[-1]
    assert (last.kind, last.data["why"]) == ("queued", lost.why)


def test_a_living_worker_of_this_host_keeps_its_submission(
    ledger: Ledger, make: Make, clock: Clock
) -> None:
    row = ledger.submit(make.new(), ANY)
    claim = ledger.claim(row.id, make.worker())
    assert claim is not None
    clock.advance(hours=8)  # the lid was closed
    assert ledger.recover("here", lambda _: True) == ()
    assert ledger.beat(claim)


def test_a_worker_elsewhere_is_lost_with_its_lease(
    ledger: Ledger, make: Make, clock: Clock
) -> None:
    row = ledger.submit(make.new(), ANY)
    claim = ledger.claim(row.id, make.worker(host="there"))
    assert claim is not None
    clock.advance(seconds=29)
    assert ledger.recover("here", lambda _: False) == ()
    assert ledger.beat(claim)
    clock.advance(seconds=29)
    assert ledger.recover("here", lambda _: False) == ()
    clock.advance(seconds=2)
    (lost,) = ledger.recover("here", lambda _: False)
    assert lost.why == "worker 'w1' on there went silent"


def test_a_worker_heard_of_at_the_last_moment_keeps_its_submission(
    ledger: Ledger, make: Make, clock: Clock
) -> None:
    row = ledger.submit(make.new(), ANY)
    claim = ledger.claim(row.id, make.worker())
    assert claim is not None

    def asked_too_early(_: object) -> bool:
        clock.advance(seconds=1)
        return not ledger.beat(claim)

    assert ledger.recover("here", asked_too_early) == ()
    assert ledger.find(row.id).state is State.RUNNING


def test_an_infinite_bound_survives(ledger: Ledger, make: Make) -> None:
    rank = make.estimate(0.5, high=float("inf"), direction="lower")
    make.graded(ledger, rank=rank)
    lab = make.lab(leaderboard={"check": "auc"})
    assert ledger.board(lab).official[0].estimate == rank


def test_history_is_newest_first_and_of_one_learner(
    ledger: Ledger, make: Make, clock: Clock
) -> None:
    rows: list[str] = []
    for lab in ("c01", "c02", "c01"):
        rows.append(make.graded(ledger, lab=lab, lab_digest=str(len(rows))).id)
        clock.advance(minutes=1)
    make.graded(ledger, learner="bob")
    assert [row.id for row in ledger.history("ada")] == rows[::-1]
    assert [row.id for row in ledger.history("ada", "c01")] == [rows[2], rows[0]]
    assert ledger.history("eve") == ()


def test_unfinished_submissions_are_listed(ledger: Ledger, make: Make) -> None:
    make.graded(ledger)
    row = ledger.submit(make.new(content="b"), ANY)
    assert [each.id for each in ledger.unfinished()] == [row.id]


def test_a_submission_is_found_by_either_end_of_its_id(ledger: Ledger, make: Make) -> None:
    one, two = "01kj000000aaaaaaaaaaaaaaaa", "01kj000000bbbbbbbbbbbbbbbb"
    ledger.submit(make.new(id=one), ANY)
    ledger.submit(make.new(id=two, lab="c01"), ANY)
    for text in (one, "01kj000000a", "aaaaaa", " AAAA "):
        assert ledger.find(text).id == one
    with pytest.raises(UserError, match="'01kj' could be any of 2 submissions") as ambiguous:
        ledger.find("01kj")
    assert (ambiguous.value.help or "").endswith("bbbbbb, aaaaaa")


@pytest.mark.parametrize("text", ["zzz", "", "%", "_", "01kj'; --", "é", "a" * 5000])
def test_an_unknown_id_is_said_to_be_unknown(ledger: Ledger, make: Make, text: str) -> None:
    ledger.submit(make.new(id="01kj000000aaaaaaaaaaaaaaab"), ANY)
    with pytest.raises(UserError, match="there is no submission"):
        ledger.find(text)


def test_a_result_that_is_not_there_yet_is_not_made_up(ledger: Ledger, make: Make) -> None:
    row = ledger.submit(make.new(), ANY)
    with pytest.raises(UserError, match=f"submission {row.short} has no result: it is queued"):
        ledger.result(row.id)
    with pytest.raises(StoreError, match="the ledger lacks submission"):
        ledger.result("0" * 26)


def test_a_result_of_another_version_says_which_field(ledger: Ledger, make: Make) -> None:
    row = make.graded(ledger)
    with ledger._database.write() as tx:
        tx.connection.exec_driver_sql("UPDATE grades SET result = '{\"official\": true}'")
    with pytest.raises(StoreError, match=f"kept result of {row.short} cannot be read: split"):
        ledger.result(row.id)


def test_what_a_cleanup_must_keep_is_every_digest_in_use(ledger: Ledger, make: Make) -> None:
    row = ledger.submit(make.new(files="f" * 64), ANY)
    claim = ledger.claim(row.id, make.worker())
    assert claim is not None
    ledger.finish(claim, make.result(row), evidence="e" * 64)
    ledger.submit(make.new(learner="bob"), ANY)
    assert ledger.kept_digests() == {"e" * 64, "f" * 64}


@pytest.mark.parametrize("field", ["id", "learner", "sha256", "lab", "files"])
def test_a_malformed_submission_never_reaches_the_ledger(make: Make, field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        make.new(**{field: ""})


def test_settings_are_those_of_a_ledger_that_survives(ledger: Ledger) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30_000, "foreign_keys": 1}
    with ledger._database.read() as tx:
        found = {name: tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
    assert found == wanted


def test_opening_an_up_to_date_ledger_imports_no_alembic(ledger_path: Path) -> None:
    code = (
        "import sys, datetime, pathlib\n"
        "import labrun.store, labrun.store.ledger_records, labrun.store.evidence\n"
        "assert 'sqlalchemy' not in sys.modules\n"
        "from labrun.store.ledger import Ledger\n"
        f"Ledger.open(pathlib.Path({str(ledger_path)!r}), clock=datetime.datetime.now).close()\n"
        "assert 'sqlalchemy' in sys.modules and 'alembic' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
