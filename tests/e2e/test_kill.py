"""kill -9 of the runner, at any phase: no container stays, no attempt is lost, and it is told."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.e2e.conftest import FAST_LABS, Run, command

pytestmark = pytest.mark.docker
CALL = "attack-call"
PATIENCE = 60.0
SLOW = {
    "fit": "def fit(",
    "predict": "def predict(",
    "functions": "def double(",  # called by the hidden tests
}


def slowed(source: str, phase: str) -> str:
    """Return the solution, sleeping at the start of one phase."""
    assert SLOW[phase] in source
    head, _, tail = source.partition(SLOW[phase])
    signature, _, body = tail.partition(":\n")
    return f"{head}{SLOW[phase]}{signature}:\n    import time; time.sleep(3)\n{body}"


def running(runner: int, phase: str) -> list[str]:
    """Return the containers of one runner in one phase."""
    label = "labrun.unit" if phase == "functions" else f"labrun.phase={phase}"
    asked = ["docker", "ps", "-a", "--filter", f"label={label}"]
    asked += ["--format", '{{.ID}} {{.Label "labrun.owner"}}']
    shown = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    return [line for line in shown.splitlines() if f"|{runner}|" in line]


def wait_for(what: str, happened: object) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if happened():  # type: ignore[operator]
            return
        time.sleep(0.1)
    pytest.fail(f"waited for {what}")


@pytest.mark.parametrize("phase", SLOW)
def test_a_killed_runner_leaves_nothing_and_loses_nothing(
    labrun: Run, environment: dict[str, str], tmp_path: Path, phase: str
) -> None:
    folder = tmp_path / "work"
    assert labrun("start", CALL, folder).returncode == 0
    shutil.copytree(FAST_LABS / CALL / "solution", folder, dirs_exist_ok=True)
    (folder / "plain.py").write_text(slowed((folder / "plain.py").read_text(), phase))
    with subprocess.Popen(
        command("submit", folder), env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    ) as runner:  # fmt: skip
        wait_for(f"a container in {phase}", lambda: running(runner.pid, phase))
        os.kill(runner.pid, signal.SIGKILL)
    wait_for("the containers to go", lambda: not running(runner.pid, phase))

    said = labrun("status")
    assert f"cut off in phase '{phase}'" in said.stderr
    (row,) = json.loads(labrun("history", "--json").stdout)
    assert (row["state"], row["counted"]) == ("queued", None)
    done = labrun("submit", folder)
    assert done.returncode in (0, 1), done.stderr
    (row,) = json.loads(labrun("history", "--json").stdout)
    assert (row["state"], row["counted"], row["epoch"]) == ("graded", True, 2)
