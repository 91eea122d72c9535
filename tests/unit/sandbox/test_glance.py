"""A quick look whether a container was left behind, at an engine that answers as it likes."""

import contextlib
import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from labrun.sandbox import owner
from labrun.sandbox.glance import nothing_left
from labrun.sandbox.labels import BASE_LABEL, OWNER_LABEL

MINE = owner.current()
DEAD = MINE.model_copy(update={"started": "long ago"})


class Engine:
    """Answers one request on a Unix socket with the bytes it was given."""

    def __init__(self, path: Path, answer: bytes) -> None:
        self.address = f"unix://{path}"
        self.asked = b""
        self._answer = answer
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(1)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with self._listener, contextlib.suppress(OSError):
            link, _ = self._listener.accept()
            with link:
                while b"\r\n\r\n" not in self.asked:
                    self.asked += link.recv(4096)
                link.sendall(self._answer)


def answer(containers: Any, status: str = "200 OK") -> bytes:
    return (
        f"HTTP/1.0 {status}\r\nContent-Type: application/json\r\n\r\n".encode()
        + json.dumps(containers).encode()
    )


def container(*owners: owner.Owner) -> list[dict[str, Any]]:
    return [{"Id": "a" * 64, "Labels": {BASE_LABEL: "1", OWNER_LABEL: o.label()}} for o in owners]


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("e")  # a socket's path is short


@pytest.mark.parametrize(
    ("containers", "nothing"),
    [
        ([], True),
        (container(MINE), True),
        ([{"Id": "b", "Labels": {BASE_LABEL: "1"}}], True),  # nobody's that can be dead
        (container(MINE, DEAD), False),
    ],
)
def test_only_a_container_of_a_dead_process_is_left(
    folder: Path, containers: Any, nothing: bool
) -> None:
    engine = Engine(folder / "s", answer(containers))
    assert nothing_left(engine.address) is nothing
    assert b"GET /containers/json?all=1&filters=" in engine.asked


@pytest.mark.parametrize(
    "said",
    [
        answer([], "500 Internal Server Error"),
        answer({"message": "no"}),
        answer([{"Id": "a", "Labels": None}]),
        answer([7]),
        b"HTTP/1.0 200 OK\r\n\r\n[",
        b"",
    ],
)
def test_an_answer_that_says_nothing_leaves_the_question_open(folder: Path, said: bytes) -> None:
    assert nothing_left(Engine(folder / "s", said).address) is False


def test_an_engine_that_is_not_there_or_elsewhere_leaves_it_open(folder: Path) -> None:
    assert nothing_left(f"unix://{folder}/none") is False
    assert nothing_left("tcp://127.0.0.1:2375") is False
