import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labrun.standby import client, server
from labrun.standby.sockets import address, connected, listening

TASKS = """
import os, signal, sys, time

def speak():
    print("out", sys.argv, os.getcwd(), os.environ.get("WORD"), sys.stdin.read())
    print("err", file=sys.stderr)
    return 3

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def leave():
    sys.exit(5)

def wait():
    print(os.getpid(), flush=True)
    try:
        for _ in range(600):  # a signal that comes just before a sleep does not end it
            time.sleep(0.1)
    except KeyboardInterrupt:
        return 130

def write():
    os.write(int(sys.argv[1]), b"news")

def fail():
    raise RuntimeError("what went wrong")
"""


def until(what: Callable[[], object]) -> None:
    for _ in range(600):
        if what():
            return
        time.sleep(0.05)
    pytest.fail("it never happened")


def answers(home: Path) -> bool:
    link = connected(home, client.SOCKET_NAME, seconds=5)
    if link:
        link.close()
    return link is not None


def is_there(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "h" / ("deep" * 30)  # too long for the address of a socket
    made.mkdir(parents=True)
    (tmp_path / "tasks.py").write_text(TASKS, encoding="utf-8")
    return made


@pytest.fixture
def standby(home: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {"PATH": os.defpath, "PYTHONPATH": str(tmp_path)}
    client.ensure(home, ["tasks"], idle=60, environment=environment)
    process = client._STARTED.pop()
    until(lambda: answers(home))
    yield process
    client.end(home)
    assert process.wait(20) == 0


def started(
    home: Path, function: str, *, folder: Path, give: str = ""
) -> tuple[client.Running, int]:
    """Start it; its standard output and error come from the descriptor."""
    stdin, feed = os.pipe()
    os.write(feed, give.encode())
    os.close(feed)
    reader, writer = os.pipe()
    running = client.start(
        home,
        f"tasks:{function}",
        arguments=["task", "one"],
        descriptors=[stdin, writer, writer],
        environment={"WORD": "héllo", "PYTHONUNBUFFERED": "1"},
        folder=str(folder),
    )
    os.close(stdin)
    os.close(writer)
    assert running is not None
    return running, reader


def all_of(reader: int) -> str:
    with os.fdopen(reader, "rb") as file:
        return file.read().decode()


@pytest.mark.usefixtures("standby")
def test_a_fork_has_what_its_caller_gave(home: Path, tmp_path: Path) -> None:
    running, reader = started(home, "speak", folder=tmp_path, give="text")
    said = all_of(reader)
    assert said == f"out ['task', 'one'] {tmp_path} héllo text\nerr\n"
    assert running.wait() == 3
    running.close()


@pytest.mark.usefixtures("standby")
@pytest.mark.parametrize(("function", "status"), [("leave", 5), ("die", -9), ("fail", 1)])
def test_how_a_fork_ends_is_told(home: Path, tmp_path: Path, function: str, status: int) -> None:
    running, reader = started(home, function, folder=tmp_path)
    assert running.wait() == status
    assert ("what went wrong" in all_of(reader)) == (function == "fail")
    running.close()


@pytest.mark.usefixtures("standby")
def test_further_descriptors_are_named_in_the_arguments(home: Path, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with Path(os.devnull).open("r+b") as null:
        running = client.start(
            home,
            "tasks:write",
            arguments=["task"],
            descriptors=[null.fileno(), null.fileno(), null.fileno(), writer],
            environment={},
            folder=str(tmp_path),
        )
    os.close(writer)
    assert running is not None
    assert all_of(reader) == "news"
    running.close()
    assert not is_there(running.pid)


@pytest.mark.usefixtures("standby")
def test_a_fork_dies_with_its_lease(home: Path, tmp_path: Path) -> None:
    running, reader = started(home, "wait", folder=tmp_path)
    assert os.read(reader, 100).decode().strip() == str(running.pid)
    running.close()
    assert not is_there(running.pid)
    os.close(reader)


def test_a_fork_dies_with_its_standby(
    home: Path, tmp_path: Path, standby: subprocess.Popen[bytes]
) -> None:
    running, reader = started(home, "wait", folder=tmp_path)
    assert os.read(reader, 100)
    os.kill(standby.pid, signal.SIGKILL)
    assert running.wait() is None
    until(lambda: not is_there(running.pid))
    running.close()
    os.close(reader)
    standby.wait(20)
    standby.returncode = 0  # what the fixture asks: this end was ours


@pytest.mark.usefixtures("standby")
def test_two_forks_run_side_by_side(home: Path, tmp_path: Path) -> None:
    slow, reader = started(home, "wait", folder=tmp_path)
    quick, other = started(home, "leave", folder=tmp_path)
    assert quick.wait() == 5
    assert is_there(slow.pid)
    for each in (slow, quick):
        each.close()
    os.close(reader)
    os.close(other)


def test_a_standby_of_other_code_ends_and_is_not_used(
    home: Path,
    tmp_path: Path,
    standby: subprocess.Popen[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "version", lambda: "newer")
    null = os.open(os.devnull, os.O_RDWR)
    asked = {"arguments": ["x"], "descriptors": [null] * 3, "environment": {}}
    assert client.start(home, "tasks:leave", folder=str(tmp_path), **asked) is None  # type: ignore[arg-type]
    os.close(null)
    assert standby.wait(20) == 0


def test_a_second_standby_of_a_home_leaves_at_once(
    home: Path, standby: subprocess.Popen[bytes]
) -> None:
    words = [sys.executable, "-P", "-m", "labrun.standby.server", str(home), "60"]
    assert subprocess.run(words, check=False, timeout=60).returncode == 0
    assert standby.poll() is None


def test_an_idle_standby_ends(home: Path) -> None:
    words = [sys.executable, "-P", "-m", "labrun.standby.server", str(home), "0"]
    assert subprocess.run(words, check=False, timeout=60).returncode == 0
    assert not (home / client.SOCKET_NAME).exists()


@pytest.mark.usefixtures("standby")
@pytest.mark.parametrize(
    "sent",
    [b"", b"short", (1 << 40).to_bytes(8), (4).to_bytes(8) + b"nope", (2).to_bytes(8) + b"[]"],
)
def test_what_is_no_request_harms_nothing(home: Path, tmp_path: Path, sent: bytes) -> None:
    link = connected(home, client.SOCKET_NAME, seconds=10)
    assert link is not None
    with link:
        link.sendall(sent)
        link.shutdown(socket.SHUT_WR)
        assert link.recv(1) == b""
    running, reader = started(home, "leave", folder=tmp_path)
    assert running.wait() == 5
    running.close()
    os.close(reader)


@pytest.mark.usefixtures("standby")
def test_a_fork_that_cannot_become_what_was_asked_ends(home: Path, tmp_path: Path) -> None:
    running, reader = started(home, "leave", folder=tmp_path / "gone")
    assert running.wait() == server.UNFIT
    running.close()
    os.close(reader)


def test_without_a_standby_the_caller_does_without(home: Path) -> None:
    assert client.run(home, "tasks:leave", {}) is None
    assert client.run(home / "gone", "tasks:leave", {}) is None
    assert not client.end(home)
    client.ensure(home / "gone", [], idle=1, environment={})
    assert not (home / "gone").exists()


@pytest.mark.usefixtures("standby")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_passes_signals_on(home: Path, number: int, code: int) -> None:
    source = f"""
        import os, sys
        from pathlib import Path
        from labrun.standby import client
        sys.exit(client.run(Path({str(home)!r}), "tasks:wait", dict(os.environ)))
    """
    caller = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(source)], stdout=subprocess.PIPE
    )
    assert caller.stdout is not None
    with caller:
        pid = int(caller.stdout.readline())
        assert pid != caller.pid
        caller.send_signal(number)
        assert caller.wait(20) == code
    assert not is_there(pid)


def test_only_its_user_may_open_a_socket(tmp_path: Path) -> None:
    with listening(tmp_path, "s") as listener:
        assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600
        link = connected(tmp_path, "s", seconds=1)
        assert link is not None
        accepted, _ = listener.accept()
        link.close()
        accepted.close()
        with address(tmp_path, "s") as path:
            assert Path(path).is_socket()
    assert not (tmp_path / "s").exists()


def test_a_request_is_read_in_whatever_pieces_it_comes() -> None:
    here, there = socket.socketpair()
    body = json.dumps({"function": "a:b"}).encode()
    with here, there:
        here.sendall(len(body).to_bytes(8)[:3])
        here.sendall(len(body).to_bytes(8)[3:] + body)
        assert server._request(there, []) == {"function": "a:b"}
