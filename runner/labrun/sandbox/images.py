"""Sandbox images: built from containers/ without network, found by name, known by digest.

Imports the Docker SDK, so it is itself imported only by what needs an image.
"""

import fcntl
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docker import APIClient
from docker.errors import ImageNotFound

from labrun.domain.record import Record
from labrun.errors import ImageError
from labrun.sandbox import images_base, images_build, images_recipe, images_wheels
from labrun.sandbox.backends.docker import connect, translated
from labrun.sandbox.images_base import REGISTRY_IMAGE
from labrun.sandbox.images_recipe import Recipe

SHIM_LABEL, LOCK_LABEL, NAME_LABEL = "labrun.shim", "labrun.lock", "labrun.image"
UNTAGGED = "<none>:<none>"
BUILD_SILENCE = 900  # seconds an engine may take over one step, on a slow disk

Say = Callable[[str], None]


class ImageInfo(Record):
    """One built image; ``digest`` is what a grade records."""

    name: str
    tag: str
    digest: str
    size: int
    created: str
    lock: str
    shim: str

    @property
    def shim_current(self) -> bool:
        """Tell whether the image talks the protocol of this labrun."""
        return self.shim == images_recipe.shim_hash()


def known(containers: Path) -> list[str]:
    """Return the images that can be built from this folder."""
    return images_recipe.names(containers)


def find(name: str, *, engine: str | None = None) -> ImageInfo | None:
    """Return the newest image of this name, stale or not; None where none was built.

    Raises `SandboxError` where no engine answers.
    """
    return _find(connect(engine), name)


def require(name: str, *, engine: str | None = None) -> ImageInfo:
    """Return an image that can be used now, or raise `ImageError` saying how to get it."""
    info = find(name, engine=engine)
    if info is None:
        msg = f"the sandbox image {name!r} is not built on this engine"
        raise ImageError(msg, help=f"run: labrun image build {name}")
    if not info.shim_current:
        msg = f"the sandbox image {name!r} was built for another version of labrun"
        raise ImageError(msg, help=f"run: labrun image build {name}")
    return info


def list_images(*, engine: str | None = None) -> list[ImageInfo]:
    """Return every labrun image on the engine, newest first within a name."""
    client = connect(engine)
    with translated("list its images"):
        found = client.images(filters={"label": SHIM_LABEL})
        infos = [_info(_inspect(client, each["Id"])) for each in found]
    infos.sort(key=lambda info: info.created, reverse=True)
    return sorted(infos, key=lambda info: info.name)


def remove_old(*, engine: str | None = None) -> list[str]:
    """Remove images that a newer build replaced, and return their tags; what runs is kept."""
    client = connect(engine)
    with translated("remove old images"):
        used = {each["ImageID"] for each in client.containers(all=True)}
        found = client.images(filters={"label": LOCK_LABEL})
        locks = {each["Labels"][LOCK_LABEL] for each in found if _is_latest(each)}
        old = [each for each in found if not _is_latest(each) and each["Id"] not in used]
        gone = [each for each in old if _is_stale(each, locks)]
        tags = [tag for each in gone for tag in each["RepoTags"] or () if tag != UNTAGGED]
        for tag in tags:
            client.remove_image(tag)
    return tags


def ensure(
    name: str,
    *,
    containers: Path,
    cache: Path,
    say: Say,
    engine: str | None = None,
    registry: str | None = REGISTRY_IMAGE,
) -> ImageInfo:
    """Return a current image, building what is missing or stale of it; quick when nothing is."""
    info = find(name, engine=engine)
    recipe = images_recipe.read(containers, name)
    if info and info.shim_current and info.lock == recipe.lock:
        return info
    return build(
        name, containers=containers, cache=cache, say=say, engine=engine, registry=registry
    )


def build(
    name: str,
    *,
    containers: Path,
    cache: Path,
    say: Say,
    engine: str | None = None,
    registry: str | None = REGISTRY_IMAGE,
) -> ImageInfo:
    """Build an image, reusing every layer that is unchanged, and return it.

    ``cache`` keeps wheels between builds. Raises `ImageError` naming what failed.
    """
    client = connect(engine)
    client.timeout = BUILD_SILENCE
    recipe = images_recipe.read(containers, name)
    builder = _Builder(client, containers, cache, registry, say)
    started = time.monotonic()
    say(f"image {name}")
    with _one_at_a_time(cache), translated(f"build image {name!r}"):
        builder.finish(recipe)
    info = _find(client, name)
    if info is None:
        msg = f"the engine lost image {name!r} right after its build"
        raise ImageError(msg, help="free disk space for the engine, and build again")
    seconds = time.monotonic() - started
    say(f"image {name} ready: {info.tag}, {info.size / 1e6:,.0f} MB, {seconds:.1f} s")
    return info


class _Builder:
    """The steps of a build that share one engine and one cache."""

    def __init__(
        self, client: APIClient, containers: Path, cache: Path, registry: str | None, say: Say
    ) -> None:
        self._client = client
        self._containers = containers
        self._cache = cache
        self._registry = registry
        self._say = say

    def finish(self, recipe: Recipe) -> None:
        """Put the shim on the image's layers and move its ``latest`` to the result."""
        shim = images_recipe.shim_hash()
        tag = images_recipe.tag(recipe.name, recipe.lock, shim)
        if not self._has(tag):
            below = self._layers(recipe)
            self._say("  shim: the last layer")
            folder = self._containers / images_recipe.SHIM_FOLDER
            images_build.build(
                self._client,
                tag,
                files={"Dockerfile": folder / "Dockerfile", **images_recipe.shim_files()},
                args={"PARENT_IMAGE": below},
                labels={NAME_LABEL: recipe.name, LOCK_LABEL: recipe.lock, SHIM_LABEL: shim},
                say=self._say,
            )
        self._client.tag(tag, f"labrun/{recipe.name}", "latest", force=True)

    def _layers(self, recipe: Recipe) -> str:
        tag = images_recipe.layers_tag(recipe.name, recipe.lock)
        if self._has(tag):
            self._say(f"  {recipe.name}: layers reused")
            return tag
        below = self._parent(recipe)
        files = {name: recipe.folder / name for name in ("Dockerfile", "requirements.txt")}
        files["install.sh"] = self._containers / images_recipe.BASE / "install.sh"
        files["wheels"] = self._wheels(recipe)
        self._say(f"  {recipe.name}: installing")
        images_build.build(
            self._client,
            tag,
            files=files,
            args={"PARENT_IMAGE": below},
            labels={NAME_LABEL: recipe.name, LOCK_LABEL: recipe.lock},
            say=self._say,
        )
        return tag

    def _parent(self, recipe: Recipe) -> str:
        if recipe.parent != images_recipe.BASE:
            return self._layers(images_recipe.read(self._containers, recipe.parent))
        tag = images_recipe.layers_tag(
            images_recipe.BASE, images_recipe.base_lock(self._containers)
        )
        if self._has(tag):
            self._say("  base: reused")
        else:
            images_base.build(
                self._client,
                tag,
                containers=self._containers,
                cache=self._cache,
                registry=self._registry,
                say=self._say,
            )
        return tag

    def _wheels(self, recipe: Recipe) -> Path:
        locks = [recipe.folder, self._containers / images_recipe.BASE]
        self._say(f"  {recipe.name}: downloading the locked wheels")
        folder = images_wheels.download(
            recipe.name,
            [each / "requirements.txt" for each in locks],
            arch=self._client.info().get("Architecture") or platform.machine(),
            cache=self._cache,
        )
        sizes = [wheel.stat().st_size for wheel in folder.iterdir()]
        self._say(f"  {recipe.name}: {len(sizes)} wheels, {sum(sizes) / 1e6:,.0f} MB")
        return folder

    def _has(self, tag: str) -> bool:
        try:
            _inspect(self._client, tag)
        except ImageNotFound:
            return False
        return True


@contextmanager
def _one_at_a_time(cache: Path) -> Iterator[None]:
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = (cache / "images.lock").open("w")
    except OSError as error:
        msg = f"cannot write to the cache folder {cache}: {error.strerror}"
        raise ImageError(msg, help="give a cache folder you can write to") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released when the file closes
        yield


def _find(client: APIClient, name: str) -> ImageInfo | None:
    with translated(f"look for image {name!r}"):
        try:
            return _info(_inspect(client, f"labrun/{name}:latest"))
        except ImageNotFound:
            return None


def _is_latest(image: dict[str, Any]) -> bool:
    return any(tag.endswith(":latest") for tag in image["RepoTags"] or ())


def _is_stale(image: dict[str, Any], locks: set[str]) -> bool:
    # A shim's image that is not the latest is old; layers are, once no latest image grows on them.
    return SHIM_LABEL in image["Labels"] or image["Labels"][LOCK_LABEL] not in locks


def _inspect(client: APIClient, image: str) -> dict[str, Any]:
    found: dict[str, Any] = client.inspect_image(image)  # type: ignore[no-untyped-call]
    return found


def _info(found: dict[str, Any]) -> ImageInfo:
    labels = found["Config"].get("Labels") or {}
    name = labels.get(NAME_LABEL, "")
    tags = [tag for tag in found.get("RepoTags") or () if not tag.endswith(":latest")]
    return ImageInfo(
        name=name,
        tag=next(iter(tags), f"labrun/{name}:latest"),
        digest=found["Id"],
        size=found["Size"],
        created=found["Created"],
        lock=labels.get(LOCK_LABEL, ""),
        shim=labels.get(SHIM_LABEL, ""),
    )
