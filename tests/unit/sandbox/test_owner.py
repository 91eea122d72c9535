import os
import subprocess
import sys
from pathlib import Path

import pytest

from labrun.sandbox import owner


def test_this_process_is_alive_and_survives_its_label() -> None:
    me = owner.current()
    assert owner.is_alive(me)
    assert owner.read(me.label()) == me


def test_a_later_process_with_the_same_number_is_another() -> None:
    assert not owner.is_alive(owner.current().model_copy(update={"started": "before"}))


def test_a_process_that_ended_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        alive = owner.Owner(host=owner.current().host, pid=child.pid, started="?")
    assert not owner.is_alive(alive)


def test_a_process_of_another_host_is_left_alone() -> None:
    assert owner.is_alive(owner.Owner(host="elsewhere", pid=1, started="x"))


def test_a_foreign_label_names_nobody() -> None:
    assert owner.read("") is None
    assert owner.read("a|b|c") is None


@pytest.mark.parametrize(
    ("fault", "alive"), [(None, True), (PermissionError(), True), (ProcessLookupError(), False)]
)
def test_without_proc_a_number_in_use_is_taken_for_the_same_process(
    fault: OSError | None, *, alive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(_pid: int, signal: int) -> None:
        assert signal == 0
        if fault:
            raise fault

    monkeypatch.setattr(owner, "PROC", Path("/nonexistent/proc"))
    monkeypatch.setattr(os, "kill", kill)
    assert owner.is_alive(owner.current().model_copy(update={"started": "?"})) is alive


def test_without_a_boot_id_nobody_knows_when_a_process_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(owner, "BOOT", Path("/nonexistent/boot_id"))
    assert owner.current().started == "unknown"
