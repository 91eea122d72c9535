"""The standby: `python -P -m labrun.standby.server HOME IDLE_SECONDS MODULE...`.

It imports the modules, then waits. Each request is run in a fork of its own; the fork is killed
when the connection it was asked over closes, and when this process ends. One thread, so that a fork
is a whole process. It reads no submission and no hidden file itself, and its own environment is
the little that it was started with.
"""

import contextlib
import ctypes
import fcntl
import gc
import importlib
import io
import json
import os
import selectors
import signal
import socket
import struct
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from labrun.standby.client import LENGTH_BYTES, MOST_DESCRIPTORS, SOCKET_NAME, said, version
from labrun.standby.sockets import listening

LOCK_NAME = "standby.lock"
REQUEST_SECONDS = 5.0
UNFIT = 70  # how a fork ends that could not become what was asked for
TICK_SECONDS = 1.0
MOST_BYTES = 1 << 24  # of a request: arguments and an environment
PR_SET_PDEATHSIG = 1
CREDENTIALS = struct.Struct("3i")  # SO_PEERCRED: process, user, group


@dataclass(frozen=True)
class _Child:
    pid: int
    ended: int  # a descriptor that can be read once it has ended
    link: socket.socket


class Fork(Exception):  # noqa: N818  (no error: it leaves the standby's code behind in the fork)
    """Raised in a fork: ``function`` is to be run now, as if it were the whole program."""

    def __init__(self, function: str) -> None:
        super().__init__(function)
        self.function = function


class Server:
    """Answers on one socket until nobody has asked for a while."""

    def __init__(self, listener: socket.socket, *, idle_seconds: float) -> None:
        self._listener = listener
        self._idle = idle_seconds
        self._version = version()
        self._heard = time.monotonic()
        self._ending = False
        self._children: list[_Child] = []
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)

    def serve(self) -> None:
        """Answer until idle or told to end; raises `Fork` in each fork."""
        while not self._ending and not self._is_idle():
            for key, _ in self._selector.select(TICK_SECONDS):
                if key.data is None:
                    self._accept()
                elif key.data not in self._children:
                    continue  # buried a moment ago, and its connection closed as well
                elif key.fileobj is key.data.link:
                    self._kill(key.data)
                else:
                    self._bury(key.data)
        for child in list(self._children):
            self._kill(child)
            self._bury(child)

    def _is_idle(self) -> bool:
        return not self._children and time.monotonic() - self._heard > self._idle

    def _accept(self) -> None:
        link, _ = self._listener.accept()
        self._heard = time.monotonic()
        link.settimeout(REQUEST_SECONDS)
        descriptors: list[int] = []
        try:
            kept = self._answer(link, descriptors)
        except (OSError, EOFError, ValueError, LookupError, TypeError) as error:
            print(f"a request was not answered: {error!r}", file=sys.stderr, flush=True)  # noqa: T201
            kept = False
        for each in descriptors:
            os.close(each)
        if not kept:
            link.close()

    def _answer(self, link: socket.socket, descriptors: list[int]) -> bool:
        """Return whether the connection is now the lease of a fork."""
        if _user_of(link) != os.getuid():
            return False
        asked = _request(link, descriptors)
        if asked.get("end") or asked.get("version") != self._version:
            self._ending = True  # other code asks: one that has imported that is started
            return False
        self._fork(link, asked, descriptors)
        return True

    def _fork(self, link: socket.socket, asked: dict[str, Any], descriptors: list[int]) -> None:
        function, standby = str(asked["function"]), os.getpid()
        pid = os.fork()
        if not pid:
            try:
                self._leave(link)
                _become(asked, descriptors, standby)
            except BaseException as error:  # noqa: BLE001  (a fork must never go on as the standby)
                _end_unfit(error)
            raise Fork(function)
        child = _Child(pid, os.pidfd_open(pid), link)
        self._children.append(child)
        self._selector.register(child.ended, selectors.EVENT_READ, child)
        self._selector.register(link, selectors.EVENT_READ, child)
        link.sendall(said({"pid": pid}))

    def _leave(self, link: socket.socket) -> None:
        """Close, in a fork, all that is the standby's."""
        self._selector.close()
        self._listener.close()
        link.close()
        for child in self._children:
            os.close(child.ended)
            child.link.close()

    def _kill(self, child: _Child) -> None:
        self._selector.unregister(child.link)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)

    def _bury(self, child: _Child) -> None:
        _, status = os.waitpid(child.pid, 0)
        self._selector.unregister(child.ended)
        with contextlib.suppress(KeyError):
            self._selector.unregister(child.link)
        os.close(child.ended)
        self._children.remove(child)
        self._heard = time.monotonic()
        with child.link, contextlib.suppress(OSError):
            child.link.sendall(said({"status": os.waitstatus_to_exitcode(status)}))


def _end_unfit(error: BaseException) -> NoReturn:
    try:
        os.write(2, "".join(traceback.format_exception(error)).encode())
    finally:
        os._exit(UNFIT)


def _user_of(link: socket.socket) -> int:
    found = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    return int(CREDENTIALS.unpack(found)[1])


def _request(link: socket.socket, descriptors: list[int]) -> dict[str, Any]:
    start, found, _, _ = socket.recv_fds(link, LENGTH_BYTES, MOST_DESCRIPTORS)
    descriptors.extend(found)
    start += _exactly(link, LENGTH_BYTES - len(start))
    size = int.from_bytes(start)
    if size > MOST_BYTES:
        msg = f"a request of {size} bytes"
        raise ValueError(msg)
    asked = json.loads(_exactly(link, size))
    if not isinstance(asked, dict):
        msg = "a request that is no mapping"
        raise TypeError(msg)
    return asked


def _exactly(link: socket.socket, size: int) -> bytes:
    body = bytearray()
    while len(body) < size:
        part = link.recv(size - len(body))
        if not part:
            raise EOFError
        body += part
    return bytes(body)


def _become(asked: dict[str, Any], descriptors: list[int], standby: int) -> None:
    """Make this fork the process that was asked for."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != standby:  # it ended before it could be waited for
        os._exit(1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for number, descriptor in enumerate(descriptors[:3]):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.umask(asked["umask"])
    os.chdir(asked["folder"])
    os.environ.clear()  # noqa: TID251  (a new process begins here, with the caller's environment)
    os.environ.update(asked["environment"])  # noqa: TID251
    sys.argv = [*asked["arguments"], *map(str, descriptors[3:])]
    _open_streams(asked["encoding"], at_once=bool(asked["environment"].get("PYTHONUNBUFFERED")))


def _open_streams(encoding: str, *, at_once: bool) -> None:
    """Open standard input, output and error anew: what these were for the standby is no guide."""
    stdin = io.BufferedReader(io.FileIO(0, "rb", closefd=False))
    _replace("stdin", io.TextIOWrapper(stdin, encoding))
    for name, number, errors in (("stdout", 1, "strict"), ("stderr", 2, "backslashreplace")):
        raw = io.FileIO(number, "wb", closefd=False)
        lines = name == "stderr" or os.isatty(number)
        below = raw if at_once else io.BufferedWriter(raw)
        text = io.TextIOWrapper(
            below, encoding, errors, line_buffering=lines, write_through=at_once
        )
        _replace(name, text)


def _replace(name: str, stream: io.TextIOWrapper) -> None:
    setattr(sys, name, stream)
    setattr(sys, f"__{name}__", stream)


def main(home: Path, idle_seconds: float, modules: list[str]) -> str | None:
    """Serve one home; return, in a fork, the function to run, and None in the standby itself."""
    with (home / LOCK_NAME).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        for module in modules:
            importlib.import_module(module)
        gc.collect()
        gc.freeze()  # what is imported is not looked at again: its pages stay shared with forks
        with listening(home, SOCKET_NAME) as listener:
            try:
                Server(listener, idle_seconds=idle_seconds).serve()
            except Fork as fork:
                return fork.function
    return None


def call(function: str) -> int:
    """Run ``module:function`` and return its exit code."""
    module, _, name = function.partition(":")
    return int(getattr(importlib.import_module(module), name)() or 0)


if __name__ == "__main__":
    _function = main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
    if _function is not None:
        sys.exit(call(_function))
