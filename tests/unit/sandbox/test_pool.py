"""The keeper without an engine: what it hands out, keeps ready, drops and forgets."""

import contextlib
import itertools
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from labrun.domain.lab import Limits
from labrun.errors import SandboxError
from labrun.sandbox import keeper, pool
from labrun.sandbox.base import Usage
from labrun.sandbox.pool import SOCKET_NAME, Need, Pool, ask, ensure_keeper
from labrun.sandbox.pool_shelf import Shelf
from labrun.standby.sockets import address, listening

PATIENCE = 20.0
SMALL = Need.of(
    Limits(wall_seconds=5, memory_mb=256), image="sha256:1", engine="unix:///e", runtime=None
)
LARGE = SMALL.model_copy(update={"memory_mb": 1024})


class Box:
    """A container that is a pair of sockets."""

    weight = 100.0

    def __init__(self, number: int, labels: Mapping[str, str]) -> None:
        self.id = f"box{number}"
        self.labels = labels
        self.killed = 0
        self.alive = True
        self._ends = [*socket.socketpair(), *socket.socketpair()]

    def usage(self) -> Usage:
        return Usage(memory_mb=self.weight)

    def is_there(self) -> bool:
        return self.alive

    def kill(self) -> None:
        self.killed += 1
        for end in self._ends:
            end.close()

    @contextlib.contextmanager
    def released(self) -> Iterator[list[int]]:
        yield [self._ends[0].fileno(), self._ends[2].fileno()]


class Engine:
    """Makes boxes, or fails as an engine may."""

    def __init__(self) -> None:
        self.made: list[Box] = []
        self._numbers = itertools.count()
        self.limits: list[Limits] = []
        self.fault: SandboxError | None = None

    def start_waiting(self, limits: Limits, *, labels: Mapping[str, str]) -> Box:
        if self.fault:
            raise self.fault
        self.limits.append(limits)
        box = Box(next(self._numbers), labels)  # two threads fill
        self.made.append(box)
        return box


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine in place of Docker's, whose boxes are gone afterwards."""
    made = Engine()
    monkeypatch.setattr(Shelf, "_sandbox", lambda _self, _need: made)
    monkeypatch.setattr("labrun.sandbox.pool_shelf.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("labrun.sandbox.pool_shelf.PAUSE_SECONDS", 0.05)
    yield made
    for each in made.made:
        each.kill()


def until(holds: Callable[[], Any]) -> Any:
    """Return what ``holds`` returns once it is true."""
    end = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def waits(shelf: Shelf, number: int) -> bool:
    seen = shelf.state()
    return (seen["waiting"], seen["making"]) == (number, 0)


def command(shelf: Shelf, *needs: Need) -> None:
    """A command that takes what there is and gives it back."""
    with shelf.joined(eager=False):
        for need in needs:
            if box := shelf.take(need):
                with shelf.leased(box, {}):
                    pass


def test_what_a_command_asked_for_waits_for_the_next_one(engine: Engine) -> None:
    with Shelf(size=8, memory_mb=2048) as shelf:
        command(shelf, SMALL, SMALL, LARGE)
        until(lambda: waits(shelf, 3))
        assert sorted(each.memory_mb for each in engine.limits) == [256, 256, 1024]
        with shelf.joined(eager=False):
            taken = [shelf.take(SMALL), shelf.take(SMALL)]
            assert {box.id for box in taken if box} <= {each.id for each in engine.made}
            assert len({box.id for box in taken if box}) == 2
            assert shelf.take(SMALL) is None
    lent = {box.id for box in taken if box}
    assert all(bool(each.killed) != (each.id in lent) for each in engine.made)


def test_nothing_is_started_while_a_command_is_at_work(engine: Engine) -> None:
    with Shelf(size=8, memory_mb=2048) as shelf:
        command(shelf, SMALL)
        until(lambda: waits(shelf, 1))
        with shelf.joined(eager=False):
            assert shelf.take(SMALL)
            time.sleep(0.3)
            assert len(engine.made) == 1
        until(lambda: len(engine.made) == 2)


def test_an_eager_command_finds_the_shelf_filled_while_it_works(engine: Engine) -> None:
    with Shelf(size=8, memory_mb=2048) as shelf, shelf.joined(eager=True):
        assert shelf.take(SMALL) is None
        assert until(lambda: shelf.take(SMALL))
        assert until(lambda: shelf.take(SMALL))
    assert all(each.killed for each in engine.made[2:])


def test_number_and_memory_are_capped(engine: Engine) -> None:
    with Shelf(size=2, memory_mb=2048) as shelf:
        command(shelf, *[SMALL] * 5)
        until(lambda: waits(shelf, 2))
        time.sleep(0.2)
        assert len(engine.made) == 2
    with Shelf(size=9, memory_mb=350) as shelf:
        command(shelf, *[SMALL] * 9)
        until(lambda: shelf.state()["waiting"] == 3)
        time.sleep(0.2)
        assert shelf.state()["waiting"] == 3


def test_what_was_asked_for_longest_ago_makes_room(engine: Engine) -> None:
    with Shelf(size=2, memory_mb=2048) as shelf:
        command(shelf, SMALL, SMALL)
        until(lambda: waits(shelf, 2))
        command(shelf, LARGE)
        until(lambda: any(each.memory_mb == 1024 for each in engine.limits))
        until(lambda: waits(shelf, 2))
        assert sum(each.killed for each in engine.made) == 1
        with shelf.joined(eager=False):
            assert shelf.take(LARGE)
            assert shelf.take(SMALL)
            assert shelf.take(SMALL) is None


def test_one_that_died_is_dropped_and_replaced(engine: Engine) -> None:
    with Shelf(size=4, memory_mb=2048) as shelf:
        command(shelf, SMALL)
        until(lambda: waits(shelf, 1))
        engine.made[0].alive = False
        until(lambda: engine.made[0].killed)
        until(lambda: waits(shelf, 1))
        engine.made[1].alive = False
        with shelf.joined(eager=False):
            assert shelf.take(SMALL) is None


def test_an_engine_that_cannot_start_one_is_not_asked_again_and_again(
    engine: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    engine.fault = SandboxError("no space left")
    with Shelf(size=4, memory_mb=2048) as shelf:
        command(shelf, SMALL)
        until(lambda: shelf.state()["wanted"] == 0)
        engine.fault = None
        command(shelf, SMALL)
        until(lambda: waits(shelf, 1))
    assert "could not be started ahead: no space left" in capfd.readouterr().err


@pytest.mark.usefixtures("engine")
def test_lent_containers_are_removed_by_label_and_at_the_end() -> None:
    with Shelf(size=4, memory_mb=2048) as shelf:
        command(shelf, SMALL, SMALL)
        until(lambda: waits(shelf, 2))
        with shelf.joined(eager=False):
            one: Any = shelf.take(SMALL)
            other: Any = shelf.take(SMALL)
            with shelf.leased(one, {"run": "1"}), shelf.leased(other, {"run": "2"}):
                assert shelf.clear("run", "1") == 1
                assert (one.killed, other.killed) == (1, 0)
            assert other.killed


@pytest.fixture
def served(engine: Engine, home: Path) -> Iterator[Path]:
    """A home whose keeper runs in a thread of this process."""
    del engine
    shelf = Shelf(size=4, memory_mb=2048)
    one = keeper.Keeper(shelf, idle_seconds=60)
    with shelf, listening(home, SOCKET_NAME) as listener:
        thread = threading.Thread(target=one.serve, args=(listener,))
        thread.start()
        yield home
        one.ending.set()
        thread.join()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home deep enough that its path would not fit into a socket's address."""
    made = tmp_path.joinpath(*["a-rather-long-name"] * 8)
    made.mkdir(parents=True)
    return made


def test_a_container_is_handed_over_with_both_its_descriptors(served: Path, engine: Engine) -> None:
    first = Pool(served)
    assert first.take(SMALL, {}) is None
    first.close()
    until(lambda: (ask(served, {"do": "state"}) or {}).get("waiting") == 1)
    second = Pool(served)
    handed = second.take(SMALL, {"run": "7"})
    assert handed
    assert handed.id == "box0"
    os.write(handed.stream, b"to the shim")
    assert engine.made[0]._ends[1].recv(64) == b"to the shim"
    engine.made[0]._ends[3].send(b"printed")
    assert os.read(handed.log, 64) == b"printed"
    assert not engine.made[0].killed
    handed.lease.close()
    until(lambda: engine.made[0].killed)
    second.close()
    for each in (handed.stream, handed.log):
        os.close(each)


def test_clear_reaches_what_was_handed_over(served: Path, engine: Engine) -> None:
    first = Pool(served)
    first.take(SMALL, {})
    first.close()
    until(lambda: (ask(served, {"do": "state"}) or {}).get("waiting") == 1)
    second = Pool(served)
    handed = second.take(SMALL, {"run": "7"})
    assert handed
    second.clear("run", "8")
    seen = [engine.made[0].killed]
    second.clear("run", "7")
    assert [*seen, engine.made[0].killed] == [0, 1]
    handed.lease.close()
    second.close()


def test_a_keeper_of_another_version_is_sent_home_and_not_used(
    served: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "SPEAKS", pool.SPEAKS + 1)
    late = Pool(served)
    assert late.take(SMALL, {}) is None
    late.close()
    until(lambda: ask(served, {"do": "state"}) is None)


@pytest.mark.parametrize("said", [b"", b"no json\n", b"[]\n", b'{"do": "fly"}\n'])
def test_a_request_that_makes_no_sense_harms_nobody(served: Path, said: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as link, address(served, SOCKET_NAME) as path:
        link.connect(path)
        link.sendall(said)
        link.shutdown(socket.SHUT_WR)
        assert link.recv(1) == b""
    assert ask(served, {"do": "state"})


def test_only_the_user_may_connect(served: Path) -> None:
    assert (served / pool.SOCKET_NAME).stat().st_mode & 0o777 == 0o600


def test_without_a_keeper_everything_is_cold(tmp_path: Path) -> None:
    nobody = Pool(tmp_path / "nowhere")
    assert nobody.take(SMALL, {}) is None
    nobody.clear("run", "1")
    nobody.close()
    assert ask(tmp_path, {"do": "state"}) is None


def test_one_keeper_a_home_and_it_leaves_when_idle(home: Path) -> None:
    ensure_keeper(home, size=1, memory_mb=100, idle_seconds=60)
    pid = until(lambda: ask(home, {"do": "state"}))["pid"]
    ensure_keeper(home, size=1, memory_mb=100, idle_seconds=60)
    assert keeper.main(home, 1, 100, 60) == 0  # another one has the lock
    assert (ask(home, {"do": "state"}) or {})["pid"] == pid
    assert ask(home, {"do": "empty"}) == {"removed": 0}
    until(lambda: not (home / pool.SOCKET_NAME).exists())
    assert [each.wait(PATIENCE) for each in pool._STARTED[-1:]] == [0]
    started = time.monotonic()
    ensure_keeper(home, size=1, memory_mb=100, idle_seconds=0)
    until(lambda: pool._STARTED[-1].poll() is not None)
    assert time.monotonic() - started < PATIENCE


def test_a_home_that_cannot_be_written_to_has_no_keeper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(subprocess, "Popen", lambda *words, **_: started.append(words))
    (tmp_path / "file").write_text("")
    ensure_keeper(tmp_path / "file", size=1, memory_mb=100, idle_seconds=1)
    assert not started
