"""The keeper: holds containers that wait, hands each out once, and removes what comes back.

`python -P -m labrun.sandbox.keeper HOME SIZE MEMORY_MB IDLE_SECONDS`; see `labrun.sandbox.pool`.
Every container it starts carries its label as the owner, so what it leaves when it is killed is
removed by its sitter, and by the reaper of the next command.
"""

import contextlib
import fcntl
import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

from labrun.sandbox.pool import LINE_BYTES, SOCKET_NAME, SPEAKS, Need
from labrun.sandbox.pool_shelf import Shelf, note
from labrun.standby.sockets import listening

LOCK_NAME = "pool.lock"
TICK_SECONDS = 0.5
REQUEST_SECONDS = 5.0


class Keeper:
    """Serves the socket of one home until nobody has asked for a while."""

    def __init__(self, shelf: Shelf, *, idle_seconds: float) -> None:
        self._shelf = shelf
        self._idle = idle_seconds
        self._heard = time.monotonic()
        self._open = 0
        self._lock = threading.Lock()
        self.ending = threading.Event()

    def serve(self, listener: socket.socket) -> None:
        """Answer until idle or told to end; what waits is then removed."""
        listener.settimeout(TICK_SECONDS)
        while not self.ending.is_set() and not self._is_idle():
            try:
                link, _ = listener.accept()
            except TimeoutError:
                continue
            with self._lock:
                self._heard = time.monotonic()
                self._open += 1
            threading.Thread(target=self._answer, args=(link,), daemon=True).start()

    def _is_idle(self) -> bool:
        with self._lock:
            return not self._open and time.monotonic() - self._heard > self._idle

    def _answer(self, link: socket.socket) -> None:
        try:
            with link:
                link.settimeout(REQUEST_SECONDS)
                if line := link.makefile("rb").readline(LINE_BYTES):
                    self._one(link, json.loads(line))
        except (
            OSError,
            ValueError,
            LookupError,
            TypeError,
        ) as error:
            note(f"a request was not answered: {error!r}")
        finally:
            with self._lock:
                self._heard = time.monotonic()
                self._open -= 1

    def _one(self, link: socket.socket, asked: dict[str, Any]) -> None:
        match asked["do"]:
            case "join":
                with self._shelf.joined(eager=bool(asked.get("eager"))):
                    _reply(link, {"speaks": SPEAKS})
                    _wait_for_the_end(link)
            case "take":
                self._take(link, Need.model_validate(asked["need"]), asked["labels"])
            case "clear":
                _reply(link, {"removed": self._shelf.clear(asked["label"], asked["value"])})
            case "state":
                _reply(link, self._shelf.state() | {"pid": os.getpid()})
            case "empty":
                _reply(link, {"removed": self._shelf.empty()})
                self.ending.set()
            case unknown:
                msg = f"unknown request {unknown!r}"
                raise LookupError(msg)

    def _take(self, link: socket.socket, need: Need, labels: dict[str, str]) -> None:
        box = self._shelf.take(need)
        if box is None:
            _reply(link, {"id": None})
            return
        with self._shelf.leased(box, labels):
            with box.released() as descriptors:
                socket.send_fds(link, [json.dumps({"id": box.id}).encode()], descriptors)
            _wait_for_the_end(link)


def _reply(link: socket.socket, answer: dict[str, Any]) -> None:
    link.sendall(json.dumps(answer).encode() + b"\n")


def _wait_for_the_end(link: socket.socket) -> None:
    link.settimeout(None)
    with contextlib.suppress(OSError):
        while link.recv(1):
            continue


def main(home: Path, size: int, memory_mb: int, idle_seconds: float) -> int:
    """Keep containers for one home; a second keeper of the same home leaves at once."""
    with (home / LOCK_NAME).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        shelf = Shelf(size=size, memory_mb=memory_mb)
        keeper = Keeper(shelf, idle_seconds=idle_seconds)

        def leave(_number: int, _frame: FrameType | None) -> None:
            keeper.ending.set()

        signal.signal(signal.SIGTERM, leave)
        with shelf, listening(home, SOCKET_NAME) as listener:
            keeper.serve(listener)
    return 0


if __name__ == "__main__":
    home_, size_, memory_, idle_ = sys.argv[1:]
    sys.exit(main(Path(home_), int(size_), int(memory_), float(idle_)))
