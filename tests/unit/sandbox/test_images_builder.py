"""Which layers a build makes and which it reuses, on an engine that only remembers tags."""

from pathlib import Path
from typing import Any

import pytest
from docker.errors import ImageNotFound

from labrun.errors import ImageError
from labrun.sandbox import images, images_base, images_build, images_recipe, images_wheels

CONTAINERS = Path(__file__).parents[3] / "containers"


class Engine:
    """An engine that has the images that were built on it."""

    def __init__(self) -> None:
        self.timeout = 60
        self.labels: dict[str, dict[str, str]] = {}
        self.built: list[str] = []

    def inspect_image(self, tag: str) -> dict[str, Any]:
        if tag not in self.labels:
            raise ImageNotFound(tag)
        return {
            "Id": f"sha256:{tag}",
            "RepoTags": [tag],
            "Config": {"Labels": self.labels[tag]},
            "Size": 5_000_000,
            "Created": "2026-11-23T10:00:00Z",
        }

    def tag(self, tag: str, repository: str, name: str, *, force: bool) -> None:
        assert force
        self.labels[f"{repository}:{name}"] = self.labels[tag]

    def info(self) -> dict[str, str]:
        return {"Architecture": "x86_64"}

    def build(self, tag: str, **more: Any) -> None:
        self.built.append(tag)
        self.labels[tag] = more["labels"]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    made = Engine()
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "a.whl").write_bytes(b"x" * 1000)

    def base(_client: object, tag: str, *, registry: str | None, **_more: Any) -> None:
        made.build(tag, labels={"registry": str(registry)})

    monkeypatch.setattr(images, "connect", lambda _engine: made)
    monkeypatch.setattr(images_build, "build", lambda _client, tag, **more: made.build(tag, **more))
    monkeypatch.setattr(images_base, "build", base)
    monkeypatch.setattr(images_wheels, "download", lambda *_name, **_more: wheels)
    return made


def build(name: str, tmp_path: Path, *, ensure: bool = False) -> tuple[images.ImageInfo, list[str]]:
    said: list[str] = []
    make = images.ensure if ensure else images.build
    found = make(name, containers=CONTAINERS, cache=tmp_path / "cache", say=said.append)
    return found, [line.strip() for line in said]


def test_the_first_build_makes_every_layer_below_and_the_shim_last(
    engine: Engine, tmp_path: Path
) -> None:
    found, said = build("torch", tmp_path)
    kinds = [tag.rpartition(":")[0] for tag in engine.built]
    assert kinds == ["labrun/base", "labrun/cpu", "labrun/torch", "labrun/torch"]
    assert (found.name, found.shim_current) == ("torch", True)
    assert "torch: 1 wheels, 0 MB" in said
    assert said[-1].startswith("image torch ready: labrun/torch:")


def test_a_second_build_makes_nothing_and_another_image_reuses_what_it_grows_on(
    engine: Engine, tmp_path: Path
) -> None:
    build("cpu", tmp_path)
    engine.built.clear()
    build("cpu", tmp_path)
    assert engine.built == []
    _, said = build("torch", tmp_path)
    assert "cpu: layers reused" in said
    assert [tag.rpartition(":")[0] for tag in engine.built] == ["labrun/torch", "labrun/torch"]


def test_a_new_shim_is_one_layer(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build("cpu", tmp_path)
    engine.built.clear()
    monkeypatch.setattr(images_recipe, "shim_hash", lambda: "f" * 64)
    _, said = build("cpu", tmp_path)
    assert len(engine.built) == 1
    assert "shim: the last layer" in said


def test_a_base_that_is_there_is_reused(engine: Engine, tmp_path: Path) -> None:
    tag = images_recipe.layers_tag("base", images_recipe.base_lock(CONTAINERS))
    engine.labels[tag] = {}
    assert "base: reused" in build("cpu", tmp_path)[1]


def test_a_current_image_is_returned_at_once(engine: Engine, tmp_path: Path) -> None:
    first, _ = build("cpu", tmp_path, ensure=True)
    engine.built.clear()
    again, said = build("cpu", tmp_path, ensure=True)
    assert (again, said, engine.built) == (first, [], [])


def test_a_stale_image_is_refused_where_one_is_required(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ImageError, match="is not built on this engine"):
        images.require("cpu")
    build("cpu", tmp_path)
    assert images.require("cpu").name == "cpu"
    monkeypatch.setattr(images_recipe, "shim_hash", lambda: "f" * 64)
    with pytest.raises(ImageError, match="was built for another version of labrun"):
        images.require("cpu")
    assert engine.built


def test_an_engine_that_loses_the_image_is_said(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "tag", lambda *_words, **_more: None)
    with pytest.raises(ImageError, match="lost image 'cpu' right after its build"):
        build("cpu", tmp_path)


@pytest.mark.usefixtures("engine")
def test_a_cache_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(ImageError, match="cannot write to the cache folder"):
        build("cpu", tmp_path)
