import pytest

from labrun.cli.live import CLEAR, Live
from labrun.domain.evidence import Ending, PhaseResult
from labrun.domain.lab import Limits
from labrun.sandbox.base import Usage
from labrun.sandbox.phases import PhaseEvent

LIMITS = Limits(wall_seconds=30, memory_mb=512)


def running(memory: float | None) -> PhaseEvent:
    return PhaseEvent(phase="fit", elapsed=1.5, limits=LIMITS, usage=Usage(memory_mb=memory))


def ended() -> PhaseEvent:
    result = PhaseResult(phase="fit", ending=Ending.DONE, seconds=2.0)
    return PhaseEvent(phase="fit", elapsed=2, limits=LIMITS, usage=Usage(), result=result)


def live(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> Live:
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    return Live()


def test_elsewhere_only_endings_are_told_a_line_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = live(monkeypatch, terminal=False)
    told.phase(running(100))
    told.tests("functions", 1, 6)
    told.tests("functions", 6, 6)
    told.phase(ended())
    told.say("done")
    told.done()
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["  functions  6 tests run", "  fit        done   2.0 s", "done"]


def test_on_a_terminal_one_line_moves_and_is_wiped_before_one_that_stays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = live(monkeypatch, terminal=True)
    told.phase(running(100))
    told.phase(running(None))
    told.tests("functions", 1, 6)
    told.say("a fact")
    told.phase(running(100))
    told.phase(ended())
    told.done()
    assert capsys.readouterr().err == (
        f"{CLEAR}  fit          1.5 of 30 s   memory 100/512 MB"
        f"{CLEAR}  fit          1.5 of 30 s"
        f"{CLEAR}  functions  1 of 6 tests"
        f"{CLEAR}a fact\n"
        f"{CLEAR}  fit          1.5 of 30 s   memory 100/512 MB"
        f"{CLEAR}"
    )
