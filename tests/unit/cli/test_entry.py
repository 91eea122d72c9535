import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from labrun.cli import entry
from labrun.standby import client


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What the program did: asked a standby, ran here, started a standby."""
    found: list[str] = []

    def run(_home: Path, _function: str, _environment: Mapping[str, str]) -> None:
        found.append("asked")

    def ensure(_home: Path, _modules: Any, *, idle: float, environment: Mapping[str, str]) -> None:
        assert idle > 0
        found.append("started")
        assert "LABRUN_LAB_KEY" not in environment

    monkeypatch.setattr(client, "run", run)
    monkeypatch.setattr(client, "ensure", ensure)
    monkeypatch.setattr(entry, "_here", lambda: found.append("here"))
    monkeypatch.setenv("LABRUN_HOME", str(tmp_path))
    monkeypatch.setenv("LABRUN_POOL", "4")
    monkeypatch.setenv("LABRUN_LAB_KEY", "secret")
    return found


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    monkeypatch.setattr(sys, "argv", ["labrun", *words])
    entry.main()


@pytest.mark.parametrize("command", sorted(entry.FIRST))
def test_a_command_that_grades_asks_for_a_standby_and_leaves_one(
    monkeypatch: pytest.MonkeyPatch, seen: list[str], command: str
) -> None:
    run(monkeypatch, command, ".")
    assert seen == ["asked", "here", "started"]


@pytest.mark.parametrize("command", sorted(entry.HANDED_OVER - entry.FIRST))
def test_a_command_that_looks_uses_a_standby_and_leaves_none(
    monkeypatch: pytest.MonkeyPatch, seen: list[str], command: str
) -> None:
    run(monkeypatch, command)
    assert seen == ["asked", "here"]


@pytest.mark.parametrize("words", [("ui",), ("--help",), ()])
def test_other_commands_do_not(
    monkeypatch: pytest.MonkeyPatch, seen: list[str], words: tuple[str, ...]
) -> None:
    run(monkeypatch, *words)
    assert seen == ["here"]


def test_nothing_waits_where_nothing_is_to_wait(
    monkeypatch: pytest.MonkeyPatch, seen: list[str]
) -> None:
    monkeypatch.setenv("LABRUN_POOL", "0")
    run(monkeypatch, "submit", ".")
    assert seen == ["here"]


def test_no_standby_is_left_where_there_is_no_home(
    monkeypatch: pytest.MonkeyPatch, seen: list[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("LABRUN_HOME", str(tmp_path / "gone"))
    run(monkeypatch, "submit", ".")
    assert seen == ["asked", "here"]


def test_the_exit_code_of_the_fork_is_that_of_the_command(
    monkeypatch: pytest.MonkeyPatch, seen: list[str]
) -> None:
    monkeypatch.setattr(client, "run", lambda *_: 3)
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, "submit", ".")
    assert ended.value.code == 3
    assert seen == []


def test_every_module_that_a_standby_imports_is_there() -> None:
    for module in entry.MODULES:
        __import__(module)
