"""The base image: from a registry if one answers, else made on the host; no engine is asked."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from docker import APIClient
from docker.errors import DockerException

from labrun.errors import ImageError
from labrun.sandbox import images_apt, images_base, images_build

IMAGE = "python:3.11-slim-bookworm"


class FakeEngine:
    """An engine that has these images, and a registry that answers with these events."""

    def __init__(self, *events: dict[str, str] | Exception, has: tuple[str, ...] = ()) -> None:
        self.events = events
        self.has = has
        self.timeout = 60
        self.patience: list[int] = []
        self.imported: list[str] = []
        self.removed: list[str] = []

    def images(self, name: str) -> list[str]:
        return [each for each in self.has if each == name]

    def pull(self, _repository: str, **_more: Any) -> Iterator[dict[str, str]]:
        self.patience.append(self.timeout)
        for event in self.events:
            if isinstance(event, Exception):
                raise event
            yield event

    def import_image_from_file(self, path: str, *, repository: str, tag: str) -> None:
        assert Path(path).read_bytes() == b"root"
        self.imported.append(f"{repository}:{tag}")

    def remove_image(self, name: str, *, force: bool) -> None:
        assert force
        self.removed.append(name)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every build that was asked for."""
    asked: list[dict[str, Any]] = []

    def build(_client: object, tag: str, **more: Any) -> None:
        asked.append({"tag": tag, **more})

    monkeypatch.setattr(images_build, "build", build)
    return asked


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Every command that was run on the host; debootstrap is there, and we are root."""
    run: list[list[str]] = []

    def bootstrap(command: list[str], **_more: Any) -> subprocess.CompletedProcess[str]:
        run.append(command)
        next(Path(word) for word in command if word.endswith("root.tar")).write_bytes(b"root")
        return subprocess.CompletedProcess(command, 0, stdout="")

    plan = SimpleNamespace(
        suite="bookworm", mirror="http://mirror.example", components=("main", "contrib"),
        python="python3.11", options=("--variant=minbase",),
    )  # fmt: skip
    monkeypatch.setattr(images_apt, "choose", lambda _etc: plan)
    monkeypatch.setattr(subprocess, "run", bootstrap)
    monkeypatch.setattr("shutil.which", lambda name, path=None: f"/usr/sbin/{name}{path or ''}")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return run


def build(engine: FakeEngine, tmp_path: Path, registry: str | None = IMAGE) -> list[str]:
    said: list[str] = []
    images_base.build(
        cast(APIClient, engine),
        "labrun/base:1",
        containers=tmp_path,
        cache=tmp_path / "cache",
        registry=registry,
        say=said.append,
    )
    return [line.strip() for line in said]


def test_an_image_the_engine_has_is_not_asked_for(
    built: list[dict[str, Any]], tmp_path: Path
) -> None:
    engine = FakeEngine(has=(IMAGE,))
    assert build(engine, tmp_path) == [f"base: {IMAGE} is on the engine"]
    assert built[0]["args"] == {"ROOT": IMAGE}
    assert (engine.patience, engine.removed) == ([], [])


def test_a_registry_that_answers_is_used_and_given_little_patience(
    built: list[dict[str, Any]], tmp_path: Path
) -> None:
    engine = FakeEngine({"status": "Pulling"}, {"status": "Done"})
    build(engine, tmp_path)
    assert built[0]["labels"] == {"labrun.root": IMAGE}
    assert engine.patience == [images_base.REGISTRY_SILENCE]
    assert engine.timeout == 60


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"error": "denied"}, "base: no registry image (denied)"),
        (DockerException("timed out"), "base: no registry answers (DockerException)"),
    ],
)
def test_without_a_registry_the_base_is_made_on_the_host(
    event: dict[str, str] | Exception,
    said: str,
    built: list[dict[str, Any]],
    commands: list[list[str]],
    tmp_path: Path,
) -> None:
    engine = FakeEngine(event)
    assert said in build(engine, tmp_path)
    assert built[0]["args"] == {"ROOT": images_base.ROOTFS}
    assert engine.imported == engine.removed == [images_base.ROOTFS]
    (command,) = commands
    assert command[:2] == ["sh", str(tmp_path / "base" / "bootstrap.sh")]
    assert command[3:] == [
        "bookworm", "http://mirror.example", "main,contrib", "python3.11", "--variant=minbase"
    ]  # fmt: skip
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.usefixtures("commands")
def test_the_import_is_removed_even_if_the_build_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_words: object, **_more: object) -> None:
        msg = "the build failed"
        raise ImageError(msg)

    monkeypatch.setattr(images_build, "build", fail)
    engine = FakeEngine()
    with pytest.raises(ImageError, match="the build failed"):
        build(engine, tmp_path, registry=None)
    assert engine.removed == [images_base.ROOTFS]
    assert engine.patience == []  # no registry was asked


@pytest.mark.usefixtures("built")
def test_others_than_root_ask_sudo(
    commands: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    build(FakeEngine(), tmp_path, registry=None)
    assert commands[0][:3] == ["sudo", "-n", "sh"]


@pytest.mark.parametrize(
    ("there", "said"),
    [((), "debootstrap is not installed"), (("debootstrap",), "debootstrap needs root")],
)
@pytest.mark.usefixtures("commands", "built")
def test_what_the_host_lacks_is_said_with_what_to_do(
    there: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("shutil.which", lambda name, **_path: name if name in there else None)
    with pytest.raises(ImageError, match=said) as caught:
        build(FakeEngine(), tmp_path, registry=None)
    assert caught.value.help


@pytest.mark.parametrize(
    ("printed", "said"),
    [("a\n\nI: x\nE: no mirror\n", "a | I: x | E: no mirror"), ("", "it printed nothing")],
)
@pytest.mark.usefixtures("commands", "built")
def test_a_bootstrap_that_fails_shows_its_last_lines(
    printed: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[str], **_more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, stdout=printed)

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(ImageError) as caught:
        build(FakeEngine(), tmp_path, registry=None)
    assert str(caught.value) == f"debootstrap failed: {said}"
