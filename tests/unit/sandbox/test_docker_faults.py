"""What is said when the engine fails, without an engine."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from docker import APIClient
from docker.errors import APIError, DockerException, NotFound

from labrun.errors import SandboxError
from labrun.sandbox import owner, reaper
from labrun.sandbox.backends import docker
from labrun.sandbox.backends.docker import Container, remove, translated
from labrun.sandbox.base import Usage
from labrun.sandbox.labels import OWNER_LABEL, PHASE_LABEL, RUN_LABEL


class Engine:
    """An engine with these containers, whose removals end as told."""

    def __init__(self, *listed: dict[str, Any], fault: Exception | None = None) -> None:
        self.listed = listed
        self.fault = fault
        self.removed: list[str] = []
        self.closed = False

    def containers(self, **_filters: Any) -> list[dict[str, Any]]:
        return list(self.listed)

    def remove_container(self, container: str, **_how: Any) -> None:
        if self.fault:
            raise self.fault
        self.removed.append(container)

    def close(self) -> None:
        self.closed = True


def answer(status: int) -> Any:
    return SimpleNamespace(status_code=status)


@pytest.mark.parametrize("fault", [NotFound("gone"), APIError("going", response=answer(409))])
def test_a_container_that_is_gone_or_going_is_fine(fault: Exception) -> None:
    remove(cast(APIClient, Engine(fault=fault)), "abc")


@pytest.mark.parametrize(
    "fault",
    [APIError("x", response=answer(500), explanation="busy\nmore"), DockerException("busy")],
)
def test_a_container_that_cannot_be_removed_is_the_platforms_fault(fault: Exception) -> None:
    with pytest.raises(SandboxError, match=r"could not remove a container: busy$") as caught:
        remove(cast(APIClient, Engine(fault=fault)), "abc")
    assert caught.value.help == "run: labrun clean"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (OSError("no route"), "no route"),
        (APIError("x", response=answer(500), explanation=cast(str, b"bytes \xff")), "bytes \ufffd"),
        (DockerException(""), ""),
    ],
)
def test_any_fault_of_the_engine_is_said_on_one_line(fault: Exception, said: str) -> None:
    with pytest.raises(SandboxError) as caught, translated("start a container"):
        raise fault
    assert str(caught.value) == f"the Docker engine could not start a container: {said}"


def test_usage_that_cannot_be_read_is_unknown_and_ends_nothing() -> None:
    box = Container(cast(APIClient, None))
    box.id = "abc"

    def stats(_container: str, **_how: Any) -> dict[str, Any]:
        msg = "the engine is busy"
        raise DockerException(msg)

    box._client = cast(APIClient, SimpleNamespace(stats=stats))
    assert box.usage() == Usage()


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    mine = owner.current()
    dead = mine.model_copy(update={"started": "long ago"})
    made = Engine(
        {"Id": "a" * 64, "Labels": {OWNER_LABEL: mine.label()}},
        {"Id": "b" * 64, "Labels": {OWNER_LABEL: dead.label(), RUN_LABEL: "7", PHASE_LABEL: "fit"}},
        {"Id": "c" * 64, "Labels": None},
    )
    monkeypatch.setattr(reaper, "connect", lambda _engine: made)
    yield made
    assert made.closed


def test_only_containers_whose_owner_is_dead_are_reaped(engine: Engine) -> None:
    (found,) = reaper.reap(None)
    assert (found.container, found.run, found.phase) == ("b" * 12, "7", "fit")
    assert engine.removed == ["b" * 64]


def test_the_containers_of_one_owner_are_removed_and_no_others(engine: Engine) -> None:
    assert reaper.remove_owned(None, owner.current().label()) == ["a" * 64]
    assert engine.removed == ["a" * 64]


def test_a_temporary_folder_that_cannot_be_made_is_the_platforms_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(**_how: Any) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkdtemp", fail)
    with pytest.raises(SandboxError, match="No space left on device"):
        docker._socket_folder()
