"""What an image is made from: a folder of containers/, its parents, and the hash of them all."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from labrun.domain.record import Record
from labrun.errors import ImageError

BASE = "base"
SHIM_FOLDER = "shim"
SHORT = 12
PARENT_LINE = re.compile(r"^ARG PARENT=([a-z0-9-]+)$", re.MULTILINE)
SHARED_FILES = ("install.sh", "requirements.txt")  # of the base folder, used in every image's build


class Recipe(Record):
    """One image's folder; ``lock`` changes whenever anything below the shim would."""

    name: str
    folder: Path
    parent: str
    lock: str


def names(containers: Path) -> list[str]:
    """Return the images that can be built from this folder."""
    found = containers.glob("*/requirements.txt") if containers.is_dir() else ()
    return sorted(path.parent.name for path in found if path.parent.name != BASE)


def read(containers: Path, name: str) -> Recipe:
    """Return how one image is made, or raise `ImageError` naming the images there are."""
    known = names(containers)
    if name not in known:
        msg = f"{containers} has no image {name!r}"
        images = ", ".join(known) or "none: give the containers folder of the labrun repository"
        raise ImageError(msg, help=f"images there: {images}")
    return _read(containers, name, seen=())


def base_lock(containers: Path) -> str:
    """Return the hash of what the base image is made from."""
    return _digest([containers / BASE / "Dockerfile", containers / BASE / "trim.sh"])


def shim_files() -> dict[str, Path]:
    """Return the files of the last layer, as installed with this labrun."""
    package = Path(__file__).resolve().parents[1]
    return {"shim.py": package / "sandbox" / "shim.py", "wire.py": package / "wire.py"}


def shim_hash() -> str:
    """Return the hash that an image's ``labrun.shim`` label must match."""
    return _digest(shim_files().values())


def tag(name: str, lock: str, shim: str) -> str:
    """Return the full name of an image with this content."""
    return f"labrun/{name}:{_short(lock + shim)}"


def layers_tag(name: str, lock: str) -> str:
    """Return the full name of an image without its shim, which other images grow from."""
    return f"labrun/{name}:layers-{_short(lock)}"


def _read(containers: Path, name: str, *, seen: tuple[str, ...]) -> Recipe:
    folder = containers / name
    if name in seen:
        msg = f"{folder / 'Dockerfile'}: images grow from each other: {' → '.join((*seen, name))}"
        raise ImageError(msg, help="ARG PARENT must lead to base")
    parent = _parent(folder / "Dockerfile")
    if parent == BASE:
        below = base_lock(containers)
    else:
        below = _read(containers, parent, seen=(*seen, name)).lock
    own = [folder / "Dockerfile", folder / "requirements.txt"]
    shared = [containers / BASE / file for file in SHARED_FILES]
    lock = hashlib.sha256((below + _digest([*own, *shared])).encode()).hexdigest()
    return Recipe(name=name, folder=folder, parent=parent, lock=lock)


def _parent(dockerfile: Path) -> str:
    match = PARENT_LINE.search(_content(dockerfile).decode())
    if not match:
        msg = f"{dockerfile} lacks a line like: ARG PARENT={BASE}"
        raise ImageError(msg, help="name the folder that the image grows from")
    return match.group(1)


def _digest(files: Iterable[Path]) -> str:
    sums = [f"{file.name}:{hashlib.sha256(_content(file)).hexdigest()}" for file in files]
    return hashlib.sha256("\n".join(sums).encode()).hexdigest()


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        msg = f"cannot read {file}: {error.strerror}"
        raise ImageError(msg, help="restore the file from the labrun repository") from error


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:SHORT]
