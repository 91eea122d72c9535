from typing import Any

from labrun.domain.lab import Attempts
from labrun.domain.result import Status
from labrun.store import outbox
from labrun.store.ledger import Ledger

Make = Any  # tests/unit/store/conftest.py
Clock = Any


def test_a_grade_waits_until_it_is_recorded(ledger: Ledger, make: Make, clock: Clock) -> None:
    first = make.graded(ledger, content="a")
    clock.advance(seconds=1)
    second = make.graded(ledger, content="b")
    assert [each.submission_id for each in ledger.pending()] == [first.id, second.id]
    ledger.recorded(first.id, "http://mlflow/1")
    assert [each.submission_id for each in ledger.pending()] == [second.id]
    done = ledger.delivery(first.id)
    assert done is not None
    assert (done.done, done.tries, done.run_url) == (True, 1, "http://mlflow/1")


def test_a_failure_keeps_the_grade_pending_and_says_why(
    ledger: Ledger, make: Make, clock: Clock
) -> None:
    failing = make.graded(ledger, content="a")
    clock.advance(seconds=1)
    other = make.graded(ledger, content="b")
    clock.advance(seconds=1)
    ledger.record_failed(failing.id, "connection refused")
    ledger.record_failed(failing.id, "still refused")
    assert [each.submission_id for each in ledger.pending()] == [other.id, failing.id]
    last = ledger.pending()[-1]
    assert (last.done, last.tries, last.last_error) == (False, 2, "still refused")
    ledger.recorded(failing.id, "http://mlflow/2")
    done = ledger.delivery(failing.id)
    assert done is not None
    assert (done.tries, done.last_error) == (3, None)


def test_what_is_recorded_stays_recorded(ledger: Ledger, make: Make) -> None:
    row = make.graded(ledger)
    ledger.recorded(row.id, "http://mlflow/1")
    ledger.recorded(row.id, "http://mlflow/2")
    ledger.record_failed(row.id, "late")
    done = ledger.delivery(row.id)
    assert done is not None
    assert (done.done, done.tries, done.run_url) == (True, 1, "http://mlflow/1")
    assert done.last_error is None


def test_only_a_grade_is_recorded(ledger: Ledger, make: Make) -> None:
    row = ledger.submit(make.new(), Attempts())
    claim = ledger.claim(row.id, make.worker())
    assert claim is not None
    ledger.finish(claim, make.result(row, status=Status.INVALID))
    assert ledger.pending() == ()
    assert ledger.delivery(row.id) is None
    assert ledger.result(row.id).status is Status.INVALID


def test_a_result_comes_before_what_replaced_it(ledger: Ledger, make: Make, clock: Clock) -> None:
    row = make.graded(ledger, content="a")
    clock.advance(seconds=1)
    other = make.graded(ledger, content="b")
    clock.advance(seconds=1)
    with ledger._database.write() as tx:
        outbox.post(tx, row.id, number=2)
    clock.advance(seconds=1)
    ledger.record_failed(row.id, "away")
    assert [(each.submission_id, each.number) for each in ledger.pending()] == [
        (other.id, 1), (row.id, 1), (row.id, 2),
    ]  # fmt: skip
    ledger.recorded(row.id, "http://mlflow/1")
    ledger.recorded(row.id, "http://mlflow/2", number=2)
    last = ledger.delivery(row.id)
    assert last is not None
    assert (last.number, last.run_url) == (2, "http://mlflow/2")
