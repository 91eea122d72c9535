"""Any order of events, against a model of a dozen lines; each rule is one thing that can happen."""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from labrun.domain.lab import Attempts
from labrun.domain.result import Status
from labrun.errors import RefusedError
from labrun.store.ledger import Ledger
from labrun.store.ledger_records import Claim, Entry, State
from labrun.store.ledger_runs import FAILURES_TO_HOLD, LEASE

Make = Any  # tests/unit/store/conftest.py
RULES = Attempts(max=4, invalid_max=3)
LEARNERS = ("ada", "bob")
ENDS = [Status.GRADED, Status.INVALID, Status.SYSTEM_ERROR]
OPEN = {State.QUEUED, State.RUNNING}
SETTINGS = hypothesis.settings(
    max_examples=50,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)


@dataclass
class Row:
    """What the model believes of one submission."""

    learner: str
    content: str
    state: State = State.QUEUED
    epoch: int = 0
    failures: int = 0
    host: str = ""
    beaten: datetime | None = None
    score: float | None = None


@dataclass
class Reach:
    """How often each thing happened: a test that never gets there proves nothing."""

    seen: Counter[str] = field(default_factory=Counter)


class LedgerMachine(RuleBasedStateMachine):
    """The ledger, driven by learners, workers, faults and time."""

    def __init__(self, ledger: Ledger, make: Make, reach: Reach) -> None:
        super().__init__()
        self.ledger, self.make, self.reach = ledger, make, reach
        self.rows: dict[str, Row] = {}
        self.claims: list[Claim] = []

    def teardown(self) -> None:
        self.ledger.close()

    def saw(self, what: str) -> None:
        self.reach.seen[what] += 1

    def mine(self, learner: str, *states: State) -> list[str]:
        return [
            name
            for name, row in self.rows.items()
            if row.learner == learner and row.state in states
        ]

    def some_claim(self) -> st.SearchStrategy[Claim]:
        """Prefer the rights that still hold, or the queue would mostly be told no."""
        held = [claim for claim in self.claims if self.holds(claim)]
        return st.sampled_from(self.claims + held * 3 * len(self.claims))

    def some_row(self) -> st.SearchStrategy[str]:
        queued = [name for name, row in self.rows.items() if row.state is State.QUEUED]
        return st.sampled_from(list(self.rows) + queued * 3 * len(self.rows))

    def holds(self, claim: Claim) -> bool:
        row = self.rows[claim.id]
        return row.state is State.RUNNING and row.epoch == claim.epoch

    def failed(self, row: Row) -> None:
        row.failures += 1
        row.state = State.HELD if row.failures >= FAILURES_TO_HOLD else State.QUEUED

    # While every learner waits, newer files would only push the older out and fill the steps.
    @precondition(lambda self: not all(self.mine(learner, *OPEN) for learner in LEARNERS))
    @rule(learner=st.sampled_from(LEARNERS), content=st.sampled_from("abcd"))
    def submit(self, learner: str, content: str) -> None:
        new = self.make.new(learner=learner, content=content)
        expected = self.expected(learner, content)
        try:
            found = self.ledger.submit(new, RULES)
        except RefusedError:
            assert expected is None
            self.saw("refused")
            return
        assert expected is not None
        assert found.id == (expected or new.id)
        self.saw("reused" if expected else "submitted")
        if not expected:
            for name in self.mine(learner, State.QUEUED):
                self.rows[name].state = State.CANCELLED
                self.saw("replaced")
            self.rows[new.id] = Row(learner, content)

    def expected(self, learner: str, content: str) -> str | None:
        """Return the id of the row to be reused, "" for a new row, None for a refusal."""
        if self.mine(learner, State.RUNNING) and not self.graded(learner, content):
            return None
        same = [name for name in self.rows if self.rows[name].content == content]
        graded = self.graded(learner, content)
        queued = [name for name in same if name in self.mine(learner, State.QUEUED)]
        if graded or queued:
            return (graded or queued)[0]
        used_up = len(self.mine(learner, State.GRADED)) >= (RULES.max or 0)
        invalid = len(self.mine(learner, State.INVALID)) >= RULES.invalid_max
        return None if used_up or invalid else ""

    def graded(self, learner: str, content: str) -> list[str]:
        done = self.mine(learner, State.GRADED)
        return [name for name in done if self.rows[name].content == content]

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), host=st.sampled_from(["here", "there", "there"]))
    def claim(self, data: st.DataObject, host: str) -> None:
        name = data.draw(self.some_row())
        row = self.rows[name]
        claim = self.ledger.claim(name, self.make.worker(host=host))
        assert (claim is not None) == (row.state is State.QUEUED)
        if claim is not None:
            row.state, row.epoch, row.host = State.RUNNING, row.epoch + 1, host
            row.beaten = self.make.clock.now
            assert claim.epoch == row.epoch
            self.claims.append(claim)
            self.saw("claimed again" if row.epoch > 1 else "claimed")

    # One rule for a worker, one for the world: Hypothesis switches whole rules off now and then.
    @precondition(lambda self: self.claims)
    @rule(
        data=st.data(),
        act=st.sampled_from(["beat", "phase", "finish", "finish", "finish", "give back"]),
    )
    def work(self, data: st.DataObject, act: str) -> None:
        claim = data.draw(self.some_claim())
        if act == "finish":
            self.finish(claim, data.draw(st.sampled_from(ENDS)), data.draw(st.integers(0, 100)))
        elif act == "give back":
            self.give_back(claim)
        else:
            self.beat(claim, self.ledger.beat if act == "beat" else self.enter_phase)

    @rule(what=st.sampled_from(["die", "live", "silence", "silence", "regret", 1, 40]))
    def world(self, what: str | int) -> None:
        if isinstance(what, int):
            self.make.clock.advance(seconds=what)
        elif what == "regret":
            self.cancel(next(reversed(self.rows), ""))
        else:
            if what == "silence":
                self.make.clock.advance(seconds=31)
            self.recover(alive=what != "die")

    def enter_phase(self, claim: Claim) -> bool:
        return self.ledger.enter_phase(claim, "fit")

    def beat(self, claim: Claim, how: Callable[[Claim], bool]) -> None:
        alive = how(claim)
        assert alive == self.holds(claim)
        if alive:
            self.rows[claim.id].beaten = self.make.clock.now
        self.saw("beat" if alive else "beat in vain")

    def finish(self, claim: Claim, status: Status, score: int) -> None:
        row, kept = self.rows[claim.id], self.ledger.find(claim.id)
        result = self.make.result(kept, status=status, score=score)
        held = self.holds(claim)
        assert self.ledger.finish(claim, result) == held
        if held:
            row.state = State(status)
            row.score = score if status is Status.GRADED else None
        self.saw(f"finished {status}" if held else "finished in vain")

    def give_back(self, claim: Claim) -> None:
        held = self.holds(claim)
        assert (self.ledger.give_back(claim, "fault") is not None) == held
        if held:
            self.failed(self.rows[claim.id])
            self.saw(f"given back {self.rows[claim.id].state}")

    def cancel(self, name: str) -> None:
        row = self.rows.get(name)
        can = row is not None and row.state in {*OPEN, State.HELD}
        assert self.ledger.cancel(name, "regret") == can
        if row is not None and can:
            row.state = State.CANCELLED
            self.saw("cancelled")

    def recover(self, *, alive: bool) -> None:
        lost = {name for name, row in self.rows.items() if self.is_lost(row, alive=alive)}
        assert {each.entry.id for each in self.ledger.recover("here", lambda _: alive)} == lost
        for name in lost:
            self.saw(f"recovered from {self.rows[name].host}")
            self.failed(self.rows[name])

    def is_lost(self, row: Row, *, alive: bool) -> bool:
        if row.state is not State.RUNNING or row.beaten is None:
            return False
        return not alive if row.host == "here" else row.beaten + LEASE < self.make.clock.now

    @invariant()
    def the_ledger_says_what_the_model_says(self) -> None:
        kept: dict[str, Entry] = {
            row.id: row for learner in LEARNERS for row in self.ledger.history(learner)
        }
        assert {
            name: (row.learner, row.state, row.epoch, row.failures, row.score)
            for name, row in self.rows.items()
        } == {
            name: (row.learner, row.state, row.epoch, row.platform_failures, row.score)
            for name, row in kept.items()
        }

    @invariant()
    def only_grades_use_attempts_up(self) -> None:
        for learner in LEARNERS:
            found = self.ledger.chances(learner, "c02", rules=RULES)
            assert found.used == len(self.mine(learner, State.GRADED))
            assert found.invalid_used == len(self.mine(learner, State.INVALID))
            assert found.used <= (RULES.max or 0)
            assert len(self.mine(learner, *OPEN)) <= 1

    @invariant()
    def every_grade_is_recorded_once(self) -> None:
        waiting = [each.submission_id for each in self.ledger.pending()]
        assert sorted(waiting) == sorted(
            name for name, row in self.rows.items() if row.state is State.GRADED
        )


@pytest.mark.slow
def test_the_ledger_behaves_like_its_model(tmp_path: Path, blank_ledger: Path, make: Make) -> None:
    reach = Reach()

    class Machine(LedgerMachine):
        def __init__(self) -> None:
            path = Path(shutil.copy(blank_ledger, tmp_path / "model.db"))
            super().__init__(Ledger.open(path, clock=make.clock), make, reach)

    run(Machine, settings=SETTINGS)
    expected = {
        *("submitted", "reused", "refused", "claimed", "claimed again", "beat", "beat in vain"),
        "replaced",
        *("finished graded", "finished invalid", "finished system-error", "finished in vain"),
        *("given back queued", "cancelled", "recovered from here", "recovered from there"),
    }
    assert expected - reach.seen.keys() == set()
