"""Warm containers: as confined as cold ones, used once, and never left behind."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import Run, command, containers

from labrun.domain.lab import Limits
from labrun.sandbox import owner, pool
from labrun.sandbox.backends.docker import Container, DockerSandbox
from labrun.sandbox.labels import OWNER_LABEL, RUN_LABEL
from labrun.sandbox.pool import ask, ensure_keeper
from labrun.sandbox.session import Session

pytestmark = pytest.mark.docker

PATIENCE = 60.0
SMALL = Limits(wall_seconds=20, memory_mb=256, cpus=1, pids=64, output_mb=4)
LABELS = {OWNER_LABEL: owner.current().label(), RUN_LABEL: "warm"}
VARIES = {"Hostname", "User", "Labels", "Binds", "Tmpfs"}

State = dict[str, Any]


def until(holds: Callable[[], Any], what: str) -> Any:
    """Return what ``holds`` returns once it is true."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.1)
    pytest.fail(f"not within {PATIENCE:g} s: {what}")


def state(home: Path) -> State:
    return ask(home, {"do": "state"}) or {}


def waiting(home: Path, number: int) -> State:
    def ready() -> State | None:
        seen = state(home)
        return seen if seen.get("waiting") == number and not seen.get("making") else None

    found: State = until(ready, f"{number} containers wait")
    return found


def exists(container: str) -> bool:
    asked = ["docker", "inspect", container]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.fixture
def keeper(home: Path) -> Iterator[Path]:
    """A home whose keeper answers; it and all it holds are gone afterwards."""
    ensure_keeper(home, size=3, memory_mb=2048, idle_seconds=120)
    until(lambda: state(home), "a keeper answers")
    yield home
    left = state(home).get("ids", [])
    ask(home, {"do": "empty"})
    until(lambda: not state(home), "the keeper leaves")
    until(lambda: all(each.poll() is not None for each in pool._STARTED), "it is gone")
    assert not any(map(exists, left))


@pytest.fixture
def sandbox(keeper: Path) -> Iterator[Callable[[], DockerSandbox]]:
    """Sandboxes that take from the keeper."""
    made: list[DockerSandbox] = []

    def make() -> DockerSandbox:
        made.append(DockerSandbox(pool=str(keeper)))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def warm(keeper: Path, sandbox: Callable[[], DockerSandbox]) -> Callable[[], Container]:
    """Hand out a container that waited: an earlier command asked for one."""

    def take() -> Container:
        first = sandbox()
        first.start(SMALL, labels=LABELS).kill()
        first.close()
        waiting(keeper, 1)
        return sandbox().start(SMALL, labels=LABELS)

    return take


def test_a_warm_container_is_as_confined_as_a_cold_one(warm: Callable[[], Container]) -> None:
    cold_from = DockerSandbox()
    cold, ready = cold_from.start(SMALL, labels=LABELS), warm()
    try:
        assert (cold.warm, ready.warm) == (False, True)
        seen = [cold_from.client.inspect_container(box.id) for box in (cold, ready)]
        for part in ("HostConfig", "Config"):
            one, other = ({k: v for k, v in each[part].items() if k not in VARIES} for each in seen)
            assert one == other
        for each in seen:
            folder = each["HostConfig"]["Binds"][0].partition(":")[0]
            assert each["HostConfig"]["Binds"] == [f"{folder}:/run/labrun:ro"]
            number = each["Config"]["User"].partition(":")[0]
            assert all(f"uid={number}," in text for text in each["HostConfig"]["Tmpfs"].values())
        users = {each["Config"]["User"] for each in seen}
        assert len(users) == 2
        one, other = (
            {path: text.replace(each["Config"]["User"].partition(":")[0], "uid")
             for path, text in each["HostConfig"]["Tmpfs"].items()}
            for each in seen
        )  # fmt: skip
        assert one == other
    finally:
        cold.kill()
        ready.kill()
        cold_from.close()


def test_its_imports_are_paid_and_it_is_used_once(
    warm: Callable[[], Container], sandbox: Callable[[], DockerSandbox], keeper: Path
) -> None:
    box = warm()
    session = Session(box)
    code = "import sys\n\ndef loaded():\n    print('heard')\n    return 'sklearn' in sys.modules\n"
    session.request("put", folder="work", files={"probe.py": code.encode()})
    fields: dict[str, Any] = {"inputs": [], "args": [], "kwargs": {}, "model": None}
    value = session.request("call", module="probe", function="loaded", returns="values", **fields)
    assert value is True
    until(lambda: "heard" in box.log(), "what it prints is read")
    assert box.usage().memory_mb
    again = sandbox().start(SMALL, labels=LABELS)
    assert not again.warm
    assert again.id != box.id
    box.kill()
    again.kill()
    assert not exists(box.id)
    assert not exists(again.id)
    until(lambda: not state(keeper)["lent"], "nothing is lent")


def test_a_container_whose_holder_is_killed_is_removed(
    keeper: Path, sandbox: Callable[[], DockerSandbox]
) -> None:
    first = sandbox()
    first.start(SMALL, labels=LABELS).kill()
    first.close()
    ids = waiting(keeper, 1)["ids"]
    code = (
        "import sys, time\nfrom labrun.domain.lab import Limits\n"
        "from labrun.sandbox.backends.docker import DockerSandbox\n"
        "limits = Limits.model_validate_json(sys.argv[2])\n"
        "box = DockerSandbox(pool=sys.argv[1]).start(limits, labels={})\n"
        "print(box.id, flush=True)\ntime.sleep(600)\n"
    )
    words = [*command()[:1], "-P", "-c", code, str(keeper), SMALL.model_dump_json()]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        held = holder.stdout.readline().strip()
        assert [held] == ids
        assert exists(held)
        holder.kill()
    until(lambda: not exists(held), "the container is gone")


def test_one_that_died_while_it_waited_is_not_handed_out(
    keeper: Path, sandbox: Callable[[], DockerSandbox]
) -> None:
    first = sandbox()
    first.start(SMALL, labels=LABELS).kill()
    first.close()
    gone = waiting(keeper, 1)["ids"][0]
    subprocess.run(["docker", "kill", gone], check=True, capture_output=True)
    box = sandbox().start(SMALL, labels=LABELS)
    assert box.id != gone
    Session(box).request("ping")
    box.kill()
    until(lambda: not exists(gone), "the dead one is removed")


def test_a_keeper_that_is_killed_leaves_nothing(
    home: Path,
) -> None:
    ensure_keeper(home, size=3, memory_mb=2048, idle_seconds=120)
    until(lambda: state(home), "a keeper answers")
    first = DockerSandbox(pool=str(home))
    first.start(SMALL, labels=LABELS).kill()
    first.close()
    seen = waiting(home, 1)
    os.kill(seen["pid"], signal.SIGKILL)
    until(lambda: not exists(seen["ids"][0]), "its container is removed")
    cold = DockerSandbox(pool=str(home))
    box = cold.start(SMALL, labels=LABELS)
    assert not box.warm
    box.kill()
    cold.close()


def test_a_keeper_that_nobody_asks_ends_by_itself(home: Path) -> None:
    ensure_keeper(home, size=3, memory_mb=2048, idle_seconds=8)
    pid = until(lambda: state(home), "a keeper answers")["pid"]
    label = f"{OWNER_LABEL}={owner.of(pid).label()}"
    first = DockerSandbox(pool=str(home))
    first.start(SMALL, labels=LABELS).kill()
    first.close()
    until(lambda: containers(label), "a container waits")
    until(lambda: not (home / "pool.sock").exists(), "it has left")
    until(lambda: not containers(label), "what waited is removed")
    assert not (home / "pool.log").read_text()


def test_the_second_submission_finds_warm_containers_and_gets_the_same_grade(
    labrun: Run, home: Path, tmp_path: Path
) -> None:
    grades = []
    for number in (1, 2):
        folder = tmp_path / f"work{number}"
        started = labrun("start", "attack-call", folder)
        assert started.returncode == 0, started.stderr
        solution = folder / "solution.py"
        solution.write_text(solution.read_text() + f"\n# {number}\n")
        if number > 1:
            until((home / "standby.sock").exists, "a process waits with its imports done")
        done = labrun("submit", folder, "--json", LABRUN_POOL="4")
        assert done.returncode in (0, 1), done.stderr
        grades.append(json.loads(done.stdout))
        until(lambda: state(home).get("waiting"), "containers wait")
    assert grades[0]["score"] == grades[1]["score"]
    assert not (home / "standby.log").read_text()
    log = (home / "pool.log").read_text()
    assert "could not" not in log, log
    cleaned = json.loads(labrun("clean", "--json").stdout)
    assert cleaned["containers"] >= 1
    until(lambda: not state(home), "the keeper leaves")
    assert not (home / "standby.sock").exists()
