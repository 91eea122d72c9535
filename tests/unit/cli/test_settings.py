from pathlib import Path

import pytest

from labrun.cli.settings import read_settings
from labrun.domain.mode import Mode
from labrun.errors import UserError


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LABRUN_HOME", str(tmp_path))
    for name in ("LABRUN_MODE", "LABRUN_RELEASE_SECONDS"):
        monkeypatch.delenv(name, raising=False)


def test_practice_is_meant_unless_an_exam_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().mode is Mode.PRACTICE
    assert read_settings(exam=True).mode is Mode.EXAM
    monkeypatch.setenv("LABRUN_MODE", "exam")
    assert read_settings().mode is Mode.EXAM


def test_a_mode_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABRUN_MODE", "exams")
    with pytest.raises(UserError, match="LABRUN_MODE is 'exams'") as refused:
        read_settings()
    assert refused.value.help == "set it to one of: practice, exam"


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "1e9"])
def test_a_moment_of_release_that_makes_no_sense_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABRUN_RELEASE_SECONDS", text)
    with pytest.raises(UserError, match="LABRUN_RELEASE_SECONDS"):
        read_settings()


def test_results_of_exams_come_on_the_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().release_seconds == 60
    monkeypatch.setenv("LABRUN_RELEASE_SECONDS", "5")
    assert read_settings().release_seconds == 5
