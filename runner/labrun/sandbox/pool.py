"""Warm containers: what a command asks of the keeper, the process that holds them ready.

A keeper (`labrun.sandbox.keeper`) belongs to one home. It starts containers ahead, with the
settings of cold ones, and hands each out once, over a Unix socket that only its user can open. The
connection a container came over is its lease: when it closes, however the holder ended, the keeper
removes the container. Whatever goes wrong here, the answer is None, and the caller starts cold.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labrun.domain.lab import Limits
from labrun.domain.record import Record
from labrun.standby.sockets import connected

SOCKET_NAME = "pool.sock"
LOG_NAME = "pool.log"
LINE_BYTES = 65_536
ANSWER_SECONDS = 2.0
SPEAKS = 1  # raised with every change of what is said over the socket
DESCRIPTORS = 2  # the shim's stream, then the log
_STARTED: list[subprocess.Popen[bytes]] = []  # they outlive this process, which never waits


class Need(Record):
    """What makes one waiting container as good as another: all that shapes a container."""

    image: str
    engine: str
    runtime: str | None
    memory_mb: int
    cpus: float
    pids: int
    output_mb: int
    loopback: bool

    @classmethod
    def of(cls, limits: Limits, *, image: str, engine: str, runtime: str | None) -> "Need":
        """Return the need of a phase with these limits; how long it may run is not part of it."""
        shape = {name: getattr(limits, name) for name in SHAPE}
        return cls(image=image, engine=engine, runtime=runtime, **shape)

    def limits(self) -> Limits:
        """Return limits that shape a container for this need."""
        return Limits(**{name: getattr(self, name) for name in SHAPE})


SHAPE = ("memory_mb", "cpus", "pids", "output_mb", "loopback")


@dataclass(frozen=True)
class Handed:
    """A container handed over: ``stream`` speaks to its shim, ``log`` carries what it prints."""

    id: str
    stream: int
    log: int
    lease: socket.socket


class Pool:
    """The keeper of one home, as one command sees it; ``eager`` keeps it full meanwhile."""

    def __init__(self, home: Path, *, eager: bool = False) -> None:
        self._home = home
        self._eager = eager
        self._joined: socket.socket | None = None
        self._usable = True
        self._lock = threading.Lock()
        self._join()

    def _join(self) -> bool:
        """Be at work, as the keeper sees it; it may still be on its way up."""
        with self._lock:
            if self._joined is None and self._usable and (link := _connected(self._home)):
                if self._understands(link):
                    self._joined = link
                else:  # another version's; a new one is started by the next command
                    self._usable = False
                    link.close()
                    ask(self._home, {"do": "empty"})
            return self._joined is not None

    def _understands(self, link: socket.socket) -> bool:
        # Answered before anything is taken: what is taken earlier would not count as asked for.
        try:
            _say(link, {"do": "join", "eager": self._eager})
            found = json.loads(link.recv(LINE_BYTES) or b"{}")
        except (OSError, ValueError):
            return False
        return isinstance(found, dict) and found.get("speaks") == SPEAKS

    def take(self, need: Need, labels: Mapping[str, str]) -> Handed | None:
        """Return a waiting container that fits, or None; it is the caller's to kill."""
        link = _connected(self._home) if self._join() else None
        if link is None:
            return None
        asked = {"do": "take", "need": need.model_dump(), "labels": dict(labels)}
        descriptors: list[int] = []
        try:
            _say(link, asked)
            body, descriptors, _, _ = socket.recv_fds(link, LINE_BYTES, DESCRIPTORS)
            found = json.loads(body).get("id") if body else None
        except (OSError, ValueError):
            found = None
        if found and len(descriptors) == DESCRIPTORS:
            return Handed(id=found, stream=descriptors[0], log=descriptors[1], lease=link)
        for each in descriptors:
            os.close(each)
        link.close()
        return None

    def clear(self, label: str, value: str) -> None:
        """Have every handed-over container removed whose lease carries this label and value."""
        ask(self._home, {"do": "clear", "label": label, "value": value})

    def close(self) -> None:
        """Let the keeper know that this command needs no more; it refills from then on."""
        with self._lock:
            if self._joined:
                self._joined.close()
                self._joined = None


def ask(home: Path, question: dict[str, Any]) -> dict[str, Any] | None:
    """Return the keeper's answer, or None if no keeper answers."""
    link = _connected(home)
    if link is None:
        return None
    with link:
        try:
            _say(link, question)
            answer: dict[str, Any] = json.loads(link.makefile("rb").readline(LINE_BYTES))
        except (OSError, ValueError):
            return None
    return answer


def ensure_keeper(home: Path, *, size: int, memory_mb: int, idle_seconds: float) -> None:
    """Start a keeper where none answers, and wait for nothing; failing to is no fault."""
    if link := _connected(home):
        link.close()
        return
    try:
        home.mkdir(parents=True, exist_ok=True)
        log = (home / LOG_NAME).open("ab")
    except OSError:
        return
    words = [str(home), str(size), str(memory_mb), str(idle_seconds)]
    with log:
        keeper = subprocess.Popen(
            [sys.executable, "-P", "-m", "labrun.sandbox.keeper", *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
        )
    _STARTED.append(keeper)


def _connected(home: Path) -> socket.socket | None:
    return connected(home, SOCKET_NAME, seconds=ANSWER_SECONDS)


def _say(link: socket.socket, message: dict[str, Any]) -> None:
    link.sendall(json.dumps(message).encode() + b"\n")
