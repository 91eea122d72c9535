import time

import pytest

from labrun.cli import exam_live
from labrun.cli.exam_live import waiting
from labrun.cli.live import CLEAR
from labrun.cli.settings import read_settings
from labrun.domain.mode import Mode

WAIT = "  grading; the result is told 60 s after it began, or at a multiple of that\n"


def shown(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    mode: Mode,
    *,
    terminal: bool,
    until: str = "",
) -> str:
    """Return what is printed while something waits, until it holds the words given."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    monkeypatch.setattr(exam_live, "TICK_SECONDS", 0.001)
    said = ""
    with waiting(read_settings().model_copy(update={"mode": mode})):
        while until not in said:
            time.sleep(0.001)
            said += capsys.readouterr().err
    return said + capsys.readouterr().err


def test_practice_says_nothing_more(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not shown(capsys, monkeypatch, Mode.PRACTICE, terminal=True)


def test_an_exam_says_when_its_result_comes_and_nothing_of_its_course(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown(capsys, monkeypatch, Mode.EXAM, terminal=False) == WAIT


def test_on_a_terminal_a_clock_moves_and_is_wiped_at_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = shown(capsys, monkeypatch, Mode.EXAM, terminal=True, until=" s\r")
    clock = f"{CLEAR}  0 s"
    assert said.startswith(WAIT + clock + clock)
    assert said.endswith(f"s{CLEAR}")
    assert not said.removeprefix(WAIT).replace(clock, "").replace(CLEAR, "")


def test_an_error_ends_the_clock(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    exam = read_settings().model_copy(update={"mode": Mode.EXAM})
    with pytest.raises(KeyError), waiting(exam):
        raise KeyError
    assert capsys.readouterr().err.endswith(CLEAR)
