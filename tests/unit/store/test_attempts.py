import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from labrun.domain.lab import Attempts
from labrun.domain.result import Status
from labrun.errors import RefusedError
from labrun.store.ledger import Ledger
from labrun.store.ledger_records import Kind

Make = Any  # tests/unit/store/conftest.py
Clock = Any
CONTENTS = "0123456789abcdef"


def hand_in(ledger: Ledger, make: Make, rules: Attempts, **new: Any) -> None:
    status = new.pop("status", Status.GRADED)
    row = ledger.submit(make.new(**new), rules)
    claim = ledger.claim(row.id, make.worker())
    assert claim is not None
    assert ledger.finish(claim, make.result(row, status=status))


def test_graded_submissions_use_attempts_up(ledger: Ledger, make: Make) -> None:
    rules = Attempts(max=2)
    assert ledger.chances("ada", "c02", rules=rules).left == 2
    for content in "ab":
        hand_in(ledger, make, rules, content=content)
    found = ledger.chances("ada", "c02", rules=rules)
    assert (found.used, found.max, found.left, found.next) == (2, 2, 0, None)
    with pytest.raises(
        RefusedError, match="no attempt is left on 'c02': 2 of 2 are used"
    ) as refused:
        ledger.submit(make.new(content="c"), rules)
    assert refused.value.help == "see them with `labrun history c02`"
    assert len(ledger.history("ada")) == 2


def test_attempts_are_of_one_learner_lab_and_kind(ledger: Ledger, make: Make) -> None:
    rules = Attempts(max=1)
    hand_in(ledger, make, rules)
    assert ledger.chances("ada", "c02", rules=rules).left == 0
    assert ledger.chances("bob", "c02", rules=rules).left == 1
    assert ledger.chances("ada", "c01", rules=rules).left == 1
    assert ledger.chances("ada", "c02", rules=rules, kind=Kind.EXAM).left == 1


def test_without_a_limit_any_number_may_be_graded(ledger: Ledger, make: Make) -> None:
    for content in CONTENTS:
        hand_in(ledger, make, Attempts(), content=content)
    found = ledger.chances("ada", "c02", rules=Attempts())
    assert (found.used, found.max, found.left) == (16, None, None)


def test_a_cooldown_says_when_the_next_attempt_opens(
    ledger: Ledger, make: Make, clock: Clock
) -> None:
    rules = Attempts(max=5, cooldown_minutes=30)
    hand_in(ledger, make, rules, content="a")
    clock.advance(minutes=10)
    found = ledger.chances("ada", "c02", rules=rules)
    assert found.next == clock.now + timedelta(minutes=20)
    said = r"the next attempt on 'c02' opens at 2026-03-01 12:30:00 UTC, in 20 min"
    with pytest.raises(RefusedError, match=said) as refused:
        ledger.submit(make.new(content="b"), rules)
    assert "4 of 5 left" in (refused.value.help or "")
    clock.advance(minutes=20)
    assert ledger.chances("ada", "c02", rules=rules).next is None
    hand_in(ledger, make, rules, content="b")


@pytest.mark.parametrize(
    ("minutes", "words"), [(0.5, "30 s"), (59, "59 min"), (150, "2 h 30 min"), (0.001, "1 s")]
)
def test_a_wait_is_told_in_words(ledger: Ledger, make: Make, minutes: float, words: str) -> None:
    rules = Attempts(cooldown_minutes=minutes)
    hand_in(ledger, make, rules, content="a")
    with pytest.raises(RefusedError, match=f"in {words}$") as refused:
        ledger.submit(make.new(content="b"), rules)
    assert "no limit" in (refused.value.help or "")


def test_an_invalid_submission_costs_no_attempt_but_has_its_own_limit(
    ledger: Ledger, make: Make
) -> None:
    rules = Attempts(max=1, cooldown_minutes=60, invalid_max=2)
    for content in "ab":
        hand_in(ledger, make, rules, content=content, status=Status.INVALID)
    found = ledger.chances("ada", "c02", rules=rules)
    assert (found.used, found.left, found.invalid_used, found.next) == (0, 1, 2, None)
    with pytest.raises(RefusedError, match="2 invalid submissions on 'c02': the lab allows 2"):
        ledger.submit(make.new(content="c"), rules)


def test_nothing_but_a_grade_counts(ledger: Ledger, make: Make) -> None:
    rules = Attempts(max=1)
    hand_in(ledger, make, rules, status=Status.SYSTEM_ERROR)
    hand_in(ledger, make, rules, official=False)
    cancelled = ledger.submit(make.new(), rules)
    ledger.cancel(cancelled.id, "regret")
    faulty = ledger.submit(make.new(), rules)
    for _ in range(5):
        claim = ledger.claim(faulty.id, make.worker())
        assert claim is not None
        ledger.give_back(claim, "fault")
    found = ledger.chances("ada", "c02", rules=rules)
    assert (found.used, found.left, found.invalid_used) == (0, 1, 0)
    assert {row.counted for row in ledger.history("ada")} == {False, None}


def test_a_practice_run_is_not_held_to_the_rules(ledger: Ledger, make: Make) -> None:
    rules = Attempts(max=1, cooldown_minutes=60)
    hand_in(ledger, make, rules)
    hand_in(ledger, make, rules, official=False)
    hand_in(ledger, make, rules, official=False)
    assert ledger.chances("ada", "c02", rules=rules).used == 1


def test_learners_who_hand_in_all_at_once_get_no_more_attempts_than_there_are(
    ledger_path: Path, make: Make
) -> None:
    rules = Attempts(max=3)
    ready = threading.Barrier(8)

    def keep_trying(number: int) -> int:
        graded = 0
        with Ledger.open(ledger_path, clock=make.clock) as mine:
            ready.wait()
            for turn in range(6):
                content = f"{number:02d}{turn:02d}"
                with contextlib.suppress(RefusedError):
                    row = mine.submit(make.new(content=content), rules)
                    claim = mine.claim(row.id, make.worker(name=f"w{number}"))
                    graded += bool(claim and mine.finish(claim, make.result(row)))
        return graded

    with ThreadPoolExecutor(max_workers=8) as pool:
        graded = sum(pool.map(keep_trying, range(8)))
    with Ledger.open(ledger_path, clock=make.clock) as ledger:
        found = ledger.chances("ada", "c02", rules=rules)
    assert (graded, found.used, found.left) == (3, 3, 0)


def test_what_a_trainer_graded_under_the_name_counts_and_is_never_refused(
    ledger: Ledger, make: Make
) -> None:
    trainers = Attempts(invalid_max=1_000_000)  # labrun grade
    rules = Attempts(max=2, cooldown_minutes=30)
    for content in "abc":
        hand_in(ledger, make, trainers, content=content)
    found = ledger.chances("ada", "c02", rules=rules)
    assert (found.used, found.left) == (3, 0)
    with pytest.raises(RefusedError, match="no attempt is left"):
        ledger.submit(make.new(content="d"), rules)
    hand_in(ledger, make, trainers, content="d")


def test_a_fault_of_the_platform_starts_no_cooldown(ledger: Ledger, make: Make) -> None:
    rules = Attempts(max=2, cooldown_minutes=30)
    hand_in(ledger, make, rules, status=Status.SYSTEM_ERROR)
    row = ledger.submit(make.new(content="b"), rules)
    claim = ledger.claim(row.id, make.worker())
    assert claim is not None
    ledger.give_back(claim, "the engine went away")
    found = ledger.chances("ada", "c02", rules=rules)
    assert (found.used, found.next) == (0, None)
    hand_in(ledger, make, rules, content="c")
