"""The folder a learner works in: what a lab puts there, and the marker that says which lab."""

import os
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from labrun.domain.lab import Lab
from labrun.domain.record import Record, Slug
from labrun.errors import LabError, UserError
from labrun.store.faults import disk_fault, is_endless
from labrun.store.labs import plain_files
from labrun.store.prepared import Prepared

FOLDER = ".labrun"
MARKER = f"{FOLDER}/workspace.json"
RESULTS = f"{FOLDER}/results"
MAX_MARKER = 64_000

_RESULT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class Marker(Record):
    """Which lab a folder is for; ``labs_root`` is the absolute folder that holds the lab."""

    schema_version: Literal["labrun/workspace/v1"] = "labrun/workspace/v1"
    lab: Slug
    version: str
    labs_root: str
    learner: str = Field(min_length=1)
    started: datetime


class Workspace(Record):
    """A folder with a marker."""

    root: Path
    marker: Marker


class Created(Record):
    """What `create` did, by path in the folder: ``kept`` files differ from what the lab ships."""

    workspace: Workspace
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept: tuple[str, ...]


def create(
    target: Path,
    lab_dir: Path,
    *,
    lab: Lab,
    learner: str,
    started: datetime,
    prepared: Prepared | None = None,
) -> Created:
    """Fill ``target`` with what a learner of the lab may see; no file that is there is changed.

    Can be called again on the same folder: it adds what is missing and keeps the first start.
    """
    sources = dict(shipped(lab_dir, prepared))
    earlier = _earlier(target, lab)
    marker = Marker(
        lab=lab.slug,
        version=lab.version,
        labs_root=str(lab_dir.resolve().parent),
        learner=learner,
        started=earlier.started if earlier else started,
    )
    sorted_out: dict[str, list[str]] = {"written": [], "unchanged": [], "kept": []}
    try:
        for path, source in sources.items():
            sorted_out[_place(source, target / path)].append(path)
        write_whole(target / MARKER, marker.model_dump_json(indent=2).encode())
    except OSError as error:
        raise disk_fault(Path(error.filename or target), error) from error
    return Created(
        workspace=Workspace(root=target, marker=marker),
        written=tuple(sorted_out["written"]),
        unchanged=tuple(sorted_out["unchanged"]),
        kept=tuple(sorted_out["kept"]),
    )


def find(directory: Path) -> Workspace:
    """Return the workspace that ``directory`` is in: its own, or that of a folder above."""
    here = directory.resolve()
    for root in (here, *here.parents):
        if (root / MARKER).exists():
            return Workspace(root=root, marker=_read_marker(root))
    if not directory.exists():
        msg = f"there is no folder {str(directory)!r}"
        raise UserError(msg, help="name the folder that `labrun start` made")
    msg = f"{str(directory)!r} is in no folder that `labrun start` made"
    raise UserError(msg, help="`labrun start LAB DIR` makes one; `labrun list` names the labs")


def result_path(root: Path, submission: str, suffix: Literal["html", "json"]) -> Path:
    """Return where a report of ``submission`` is kept in the workspace at ``root``."""
    if not _RESULT_ID.fullmatch(submission):
        msg = f"{submission!r} is not the id of a submission"
        raise UserError(msg, help="`labrun history` lists them")
    return root / RESULTS / f"{submission}.{suffix}"


def keep_result(root: Path, submission: str, suffix: Literal["html", "json"], body: str) -> Path:
    """Write a report of ``submission``, whole or not at all, and return where it is."""
    path = result_path(root, submission, suffix)
    try:
        write_whole(path, body.encode())
    except OSError as error:
        raise disk_fault(path, error) from error
    return path


def write_whole(path: Path, body: bytes) -> None:
    """Write ``body`` to ``path`` so that a reader, or a full disk, never leaves half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=".labrun-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        Path(part).chmod(0o644)
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def shipped(lab_dir: Path, prepared: Prepared | None) -> Iterator[tuple[str, Path]]:
    """Yield every file a learner is given, by its path in the workspace."""
    if not (lab_dir / "starter").is_dir():
        msg = f"{lab_dir} lacks the folder starter/"
        raise LabError(msg, help="a lab gives its learners something to start from")
    for path, source in plain_files(lab_dir / "starter"):
        if path.split("/")[0] in (FOLDER, "data", "tests"):
            msg = f"{source} would be put where labrun puts its own files"
            raise LabError(msg, help=f"starter/ has no {FOLDER}/, data/ or tests/")
        yield path, source
    if (lab_dir / "README.md").is_file():
        yield "README.md", lab_dir / "README.md"
    for path, source in plain_files(lab_dir / "public"):
        yield f"tests/{path}", source
    if prepared is None:
        return
    for name in prepared.table_names("public"):
        yield f"data/{name}.csv", prepared.table_path(name, "public")


def _earlier(target: Path, lab: Lab) -> Marker | None:
    """Return the marker that is there, unless it is broken; one of another lab is an error."""
    if target.exists() and not target.is_dir():
        msg = f"{str(target)!r} is a file, expected a folder"
        raise UserError(msg, help="name a folder, or one that does not exist yet")
    try:
        marker = _read_marker(target) if (target / MARKER).exists() else None
    except UserError:
        return None
    if marker and marker.lab != lab.slug:
        msg = f"{str(target)!r} already holds lab {marker.lab!r}"
        raise UserError(msg, help="name another folder")
    return marker


def _place(source: Path, target: Path) -> Literal["written", "unchanged", "kept"]:
    if target.is_symlink() or target.exists():
        same = target.is_file() and target.read_bytes() == source.read_bytes()
        return "unchanged" if same else "kept"
    write_whole(target, source.read_bytes())
    return "written"


def _read_marker(root: Path) -> Marker:
    path = root / MARKER
    if is_endless(path):
        msg = f"{path} is damaged: it is not a file"
        raise UserError(msg, help=f"remove it; `labrun start LAB {root}` writes it again")
    try:
        with path.open("rb") as file:
            return Marker.model_validate_json(file.read(MAX_MARKER))
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        what = f"is damaged: {f'{field}: ' if field else ''}{first['msg']}"
    msg = f"{path} {what}"
    raise UserError(msg, help=f"`labrun start LAB {root}` writes it again and keeps your files")
