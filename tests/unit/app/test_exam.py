from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrun.app import exam
from labrun.app.exam import due, held_back, refuse_unfit
from labrun.app.exam_entry import WHY, exam_entry, exam_events
from labrun.app.settings import Settings
from labrun.errors import RefusedError, SandboxError
from labrun.sandbox.walls import Wall
from labrun.store.ledger_records import Entry, Event, Kind, State, Worker

NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


class Clock:
    """Time that goes by only when somebody sleeps, or is made to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Fake:
    """A sandbox with the walls it is given."""

    name = "fake"
    image_id = "sha256:1"

    def __init__(self, *, official: bool = True) -> None:
        self.official = official


@pytest.mark.parametrize("taken", [0.0, 0.2, 29.99, 30.0])
def test_how_long_it_took_cannot_be_told_from_when_it_is_over(taken: float) -> None:
    clock = Clock()
    with held_back(30, clock=clock, sleep=clock.sleep):
        clock.now += taken
    assert clock.now == pytest.approx(130)


def test_a_fault_is_held_back_like_a_result() -> None:
    clock = Clock()

    @held_back(30, clock=clock, sleep=clock.sleep)
    def fails() -> None:
        clock.now += 31
        msg = "the engine is gone"
        raise SandboxError(msg)

    with pytest.raises(SandboxError):
        fails()
    assert clock.now == pytest.approx(160)


def test_who_interrupts_need_not_wait() -> None:
    clock = Clock()
    with pytest.raises(KeyboardInterrupt), held_back(30, clock=clock, sleep=clock.sleep):
        raise KeyboardInterrupt
    assert clock.now == 100


def test_no_grid_holds_nothing_back() -> None:
    clock = Clock()
    with held_back(0, clock=clock, sleep=clock.sleep):
        clock.now += 1
    assert clock.now == 101


@given(elapsed=st.floats(0, 1e5), grid=st.floats(0.5, 3600))
def test_a_moment_is_on_the_grid_and_not_before(elapsed: float, grid: float) -> None:
    assert due(elapsed, grid) >= min(elapsed, grid) * (1 - 1e-9)
    assert due(elapsed, grid) - elapsed <= grid * (1 + 1e-9)
    assert round(due(elapsed, grid) / grid) == pytest.approx(due(elapsed, grid) / grid)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path, labs=tmp_path, datasets=tmp_path, containers=tmp_path, learner="ada"
    )


@pytest.fixture
def walls(monkeypatch: pytest.MonkeyPatch) -> list[Wall]:
    standing = [Wall(name="no network", holds=True, detail="none")]
    monkeypatch.setattr(exam, "probe", lambda *_: iter(standing))
    monkeypatch.setattr(exam, "rules_digest", lambda _: "rules")
    return standing


def refuse(sandbox: Any, settings: Settings) -> list[str]:
    told: list[str] = []
    refuse_unfit(sandbox, settings, told.append)
    return told


def test_a_sandbox_that_isolates_nothing_holds_no_exam(settings: Settings) -> None:
    with pytest.raises(RefusedError, match="isolates nothing") as refused:
        refuse(Fake(official=False), settings)
    assert refused.value.exit_code == 3


def test_a_wall_that_does_not_hold_is_named_and_nothing_is_believed(
    settings: Settings, walls: list[Wall]
) -> None:
    walls.extend(Wall(name=name, holds=False, detail="open") for name in "abcd")
    for _ in range(2):
        with pytest.raises(
            SandboxError, match="the sandbox's 'a', 'b', 'c' and 1 more do not hold"
        ):
            refuse(Fake(), settings)


def test_walls_that_held_are_believed_for_an_hour(
    settings: Settings, walls: list[Wall], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(refuse(Fake(), settings)) == 1
    assert refuse(Fake(), settings) == []
    monkeypatch.setattr(exam, "BELIEVED", timedelta(0))
    assert len(refuse(Fake(), settings)) == 1
    assert [wall.holds for wall in walls] == [True]


def test_another_image_or_other_rules_are_tried_anew(
    settings: Settings, walls: list[Wall], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(walls) == 1
    refuse(Fake(), settings)
    other = Fake()
    other.image_id = "sha256:2"
    assert len(refuse(other, settings)) == 1
    monkeypatch.setattr(exam, "rules_digest", lambda _: "other rules")
    assert len(refuse(Fake(), settings)) == 1


def test_a_damaged_proof_or_one_from_the_future_proves_nothing(
    settings: Settings, walls: list[Wall], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(walls) == 1
    refuse(Fake(), settings)
    (proof,) = settings.cache.rglob("*.json")
    proof.write_bytes(proof.read_bytes().replace(b'"at":"20', b'"at":"30'))
    assert len(refuse(Fake(), settings)) == 1
    proof.write_text("{}")
    assert len(refuse(Fake(), settings)) == 1
    assert walls[0].holds
    del monkeypatch


def entry(**more: Any) -> Entry:
    fields: dict[str, Any] = {
        "id": "01m85e1bqcz58rmdrjbqxx1snv", "learner": "ada", "lab": "c02", "lab_version": "1",
        "lab_digest": "d", "sha256": "5", "official": True, "split": "hidden", "kind": Kind.EXAM,
        "priority": 100, "pool": "cpu", "files": None, "message": None, "commit": None,
        "state": State.QUEUED, "epoch": 2, "phase": "predict", "lease_until": NOW,
        "worker": Worker(name="w", host="h", pid=1, started="s"), "platform_failures": 1,
        "not_before": NOW + timedelta(seconds=20), "queued_at": NOW, "started_at": NOW,
        "finished_at": None, "counted": None, "why": "could not start 4242407", "verdict": None,
        "score": None, "evidence": None,
    }  # fmt: skip
    return Entry.model_validate(fields | more)


def test_of_the_course_of_an_exam_the_ledger_tells_nothing() -> None:
    told = exam_entry(entry())
    assert "4242407" not in told.model_dump_json()
    assert told.why == WHY
    assert {told.phase, told.worker, told.started_at, told.lease_until} == {None}
    assert (told.epoch, told.platform_failures, told.not_before) == (0, 0, NOW)
    practised = entry(kind=Kind.PRACTICE)
    assert exam_entry(practised) is practised


def test_of_the_events_of_an_exam_its_two_ends_are_told() -> None:
    kinds = ("queued", "running", "phase", "queued", "running", "phase", "phase", "graded")
    events = tuple(
        Event(seq=seq, submission_id="x", at=NOW, kind=kind, data={"why": "4242407", "epoch": 1})
        for seq, kind in enumerate(kinds)
    )
    told = exam_events(entry(), events)
    assert [(each.seq, each.kind, each.data) for each in told] == [
        (0, "queued", {}),
        (1, "graded", {}),
    ]
    assert exam_events(entry(kind=Kind.PRACTICE), events) == events
