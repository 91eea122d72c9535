"""Start something in a fork of the standby of a home, and be told how it ended.

A standby (`labrun.standby.server`) has imported what commands need and holds nothing else. What
runs in its fork has the descriptors, folder, arguments and environment that its caller gave, and
dies with the caller: the connection is its lease. Where no standby answers, the answer is None, and
the caller does without. Only the standard library is imported here: this is how a command begins.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import labrun
from labrun.standby.sockets import connected

SOCKET_NAME = "standby.sock"
LOG_NAME = "standby.log"
SECONDS = 2.0  # for an answer; a fork takes milliseconds
LENGTH_BYTES = 8
MOST_DESCRIPTORS = 8
PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STARTED: list[subprocess.Popen[bytes]] = []  # they outlive this process, which never waits


class Running:
    """What was started; it is killed, with its process group, when this is closed."""

    def __init__(self, link: socket.socket, pid: int, rest: bytes) -> None:
        self.pid = pid
        self._link = link
        self._body = rest

    def wait(self) -> int | None:
        """Return the exit status, negative for a signal; None where the standby itself ended."""
        self._link.settimeout(None)
        with contextlib.suppress(OSError):
            while b"\n" not in self._body and (part := self._link.recv(4096)):
                self._body += part
        line = self._body.partition(b"\n")[0]
        return int(json.loads(line)["status"]) if line else None

    def close(self) -> None:
        """End it, if it has not ended, and wait until it has."""
        with contextlib.suppress(OSError):
            self._link.shutdown(socket.SHUT_WR)
        self.wait()
        self._link.close()


def start(
    home: Path,
    function: str,
    *,
    arguments: Sequence[str],
    descriptors: Sequence[int],
    environment: Mapping[str, str],
    folder: str,
    encoding: str = "utf-8",
) -> Running | None:
    """Start ``module:function`` in a fork; None where no standby of this very code answers.

    The first three descriptors become standard input, output and error. The numbers that further
    ones have in the fork are put behind the ``arguments``, which are its ``sys.argv``.
    """
    link = connected(home, SOCKET_NAME, seconds=SECONDS)
    if link is None:
        return None
    asked = {
        "version": version(),
        "function": function,
        "arguments": list(arguments),
        "environment": dict(environment),
        "folder": folder,
        "encoding": encoding,
        "umask": _umask(),
    }
    try:
        body = json.dumps(asked).encode()
        socket.send_fds(link, [len(body).to_bytes(LENGTH_BYTES)], list(descriptors))
        link.sendall(body)
        line, _, rest = _line(link)
        return Running(link, int(json.loads(line)["pid"]), rest)
    except (OSError, EOFError, ValueError, LookupError):
        link.close()
        return None


def run(home: Path, function: str, environment: Mapping[str, str]) -> int | None:
    """Run this very command in a fork, signals passed on; return its exit code, else None."""
    with contextlib.ExitStack() as stack:
        with _signals_wait():  # until they can be passed on
            running = _this_command(home, function, environment)
            if running is None:
                return None
            stack.enter_context(contextlib.closing(running))
            stack.enter_context(_passed_on(running.pid))
        status = running.wait()
    return 128 - status if status is not None and status < 0 else status


def _this_command(home: Path, function: str, environment: Mapping[str, str]) -> Running | None:
    try:
        return start(
            home,
            function,
            arguments=sys.argv,
            descriptors=[each.fileno() for each in (sys.stdin, sys.stdout, sys.stderr)],
            environment=environment,
            folder=os.getcwd(),  # noqa: PTH109  (pathlib is no cheaper here)
            encoding=sys.stdout.encoding,
        )
    except (OSError, ValueError, AttributeError):  # a closed stream, a folder that is gone
        return None


def ensure(
    home: Path, modules: Sequence[str], *, idle: float, environment: Mapping[str, str]
) -> None:
    """Start a standby where none answers, and wait for nothing; failing to is no fault."""
    if link := connected(home, SOCKET_NAME, seconds=SECONDS):
        link.close()
        return
    try:
        log = (home / LOG_NAME).open("ab")
    except OSError:
        return
    with log:
        words = [sys.executable, "-P", "-m", "labrun.standby.server", str(home), str(idle)]
        standby = subprocess.Popen(
            [*words, *modules],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=dict(environment),
            start_new_session=True,
        )
    _STARTED.append(standby)


def end(home: Path) -> bool:
    """End the standby of a home and all that runs in its forks; return whether there was one."""
    link = connected(home, SOCKET_NAME, seconds=SECONDS)
    if link is None:
        return False
    with link, contextlib.suppress(OSError):
        body = json.dumps({"end": True}).encode()
        link.sendall(len(body).to_bytes(LENGTH_BYTES) + body)
        link.recv(1)  # nothing comes: it is closed when the standby has ended
    return True


def version() -> str:
    """Return what tells this code, and the Python it runs in, from any other."""
    newest, count = 0, 0
    folders = [os.path.dirname(labrun.__file__)]  # noqa: PTH120
    while folders:
        with os.scandir(folders.pop()) as found:
            for each in found:
                if each.is_dir(follow_symlinks=False):
                    folders.append(each.path)
                elif each.name.endswith(".py"):
                    newest, count = max(newest, each.stat().st_mtime_ns), count + 1
    return f"{labrun.__file__} {labrun.__version__} {newest} {count} {sys.version} {sys.prefix}"


@contextlib.contextmanager
def _signals_wait() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _passed_on(pid: int) -> Iterator[None]:
    def pass_on(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

    before = {number: signal.signal(number, pass_on) for number in PASSED_ON}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _line(link: socket.socket) -> tuple[bytes, bytes, bytes]:
    body = b""
    while b"\n" not in body:
        part = link.recv(4096)
        if not part:
            raise EOFError
        body += part
    return body.partition(b"\n")


def _umask() -> int:
    found = os.umask(0)
    os.umask(found)
    return found


def said(message: Mapping[str, Any]) -> bytes:
    """Return a message as one line."""
    return json.dumps(dict(message)).encode() + b"\n"
