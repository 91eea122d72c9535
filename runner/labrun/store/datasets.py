"""Prepare the tables of a data set once, and hand them out by split."""

import errno
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import Field, ValidationError

from labrun.domain.record import Digest, FileName, Record, Slug
from labrun.errors import LabError
from labrun.store.faults import disk_fault, is_endless
from labrun.store.lab_yaml import read_record
from labrun.store.prepared import Prepared, Split

__all__ = [
    "DataFile",
    "Dataset",
    "Prepared",
    "Split",
    "adopt",
    "prepare",
    "read_dataset",
    "source_digest",
]

DATASET_FILE = "dataset.yaml"
BUILD_FILE = "build.py"
MANIFEST = "manifest.json"
BUILD_SECONDS = 900
LOG_BYTES = 8000
LOG_LINES = 6
LEAST_FREE = 1 << 20

_TABLE = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*\.csv")
_UNFINISHED = ".building-"
_RUN_BUILD = """\
import pathlib, runpy, sys
build, *folders = map(pathlib.Path, sys.argv[1:])
prepare = runpy.run_path(str(build)).get("prepare")
if prepare is None:
    sys.exit("it has no function prepare(raw, public, private)")
prepare(*folders)
"""


class DataFile(Record):
    """One raw file that is shipped with the data set."""

    name: FileName
    sha256: Digest
    rows: int | None = Field(default=None, gt=0)
    columns: int | None = Field(default=None, gt=0)


class Dataset(Record):
    """What ``dataset.yaml`` says about where the data comes from."""

    name: Slug
    title: str = Field(min_length=3)
    source: str
    package: str | None = None
    version: str | None = None
    licence: str
    redistribute: bool | str = Field(description="true, false, or under which condition")
    cite: str | None = None
    files: tuple[DataFile, ...] = Field(min_length=1)
    card: FileName = "README.md"


class _Manifest(Record):
    """What was produced, table by table: folder/name.csv to SHA-256."""

    tables: dict[str, Digest]


def read_dataset(directory: Path) -> Dataset:
    """Return what ``directory``/dataset.yaml says; `LabError` has a line for each problem."""
    if not directory.is_dir():
        msg = f"there is no data set at {str(directory)!r}"
        raise LabError(msg, help="`dataset` in lab.yaml names a folder of datasets/")
    dataset = read_record(directory / DATASET_FILE, Dataset)
    folder = directory.resolve().name
    if dataset.name != folder:
        msg = f"{directory} is called {folder!r}, but its {DATASET_FILE} says {dataset.name!r}"
        raise LabError(msg, help="give both the same name")
    return dataset


def source_digest(directory: Path) -> str:
    """Return the digest that the prepared tables of a data set have, without making them.

    Raises `LabError` where a raw file is not the one that dataset.yaml describes.
    """
    return _digest(directory, read_dataset(directory))


def prepare(
    directory: Path,
    cache: Path,
    *,
    python: str = sys.executable,
    say: Callable[[str], None] | None = None,
) -> Prepared:
    """Return the tables of the data set in ``directory``, building them unless ``cache`` has them.

    Two processes may do so at once. Raises `LabError` where a raw file is not the one that
    dataset.yaml describes or the build fails, `StoreError` where the cache cannot be written.
    """
    return _cached(directory, cache, lambda root: _run_build(directory, root, python), say)


def adopt(directory: Path, cache: Path, tables: Mapping[str, Path]) -> Prepared:
    """Return the tables of the data set, kept from ready ``tables`` unless ``cache`` has them.

    ``tables`` are CSV files by ``public/<name>.csv`` or ``private/<name>.csv``.
    Raises as `prepare`.
    """
    return _cached(directory, cache, lambda root: _copy(tables, root), None)


def _cached(
    directory: Path,
    cache: Path,
    fill: Callable[[Path], None],
    say: Callable[[str], None] | None,
) -> Prepared:
    dataset = read_dataset(directory)
    digest = _digest(directory, dataset)
    home = cache / dataset.name
    if ready := _load(dataset, digest, home):
        return ready
    try:
        home.mkdir(parents=True, exist_ok=True)
        with _locked(home):
            ready = _load(dataset, digest, home)
            return ready or _build(dataset, digest, home, fill=fill, say=say or _silently)
    except OSError as error:
        raise disk_fault(Path(error.filename or home), error) from error


def _silently(_: str) -> None:
    return


def _digest(directory: Path, dataset: Dataset) -> str:
    """Return a SHA-256 over the raw files, each proved to be the described one, and the build."""
    digest = hashlib.sha256()
    for file in dataset.files:
        found = _sha256(directory / file.name)
        if found != file.sha256:
            msg = (
                f"{directory / file.name} is not the file that {DATASET_FILE} describes: "
                f"found sha256 {found}, expected {file.sha256}"
            )
            raise LabError(msg, help="restore the file, or describe the new one")
        digest.update(f"{file.name}\0{found}\0".encode())
    digest.update(_sha256(directory / BUILD_FILE).encode())
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    if is_endless(path):
        msg = f"{path} is not a file"
        raise LabError(msg, help=f"a data set is {DATASET_FILE}, {BUILD_FILE} and its files")
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        msg = f"{path.parent} lacks {path.name}"
        raise LabError(
            msg, help=f"a data set is {DATASET_FILE}, {BUILD_FILE} and its files"
        ) from None
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise LabError(msg, help="look at its permissions") from None


def _load(dataset: Dataset, digest: str, home: Path) -> Prepared | None:
    """Return what is in the cache if it is whole: every table there, and each as it was built."""
    root = home / digest
    try:
        manifest = _Manifest.model_validate_json((root / MANIFEST).read_bytes())
        if _tables(root) != manifest.tables:
            return None
    except (OSError, ValidationError, LabError):
        return None  # absent, cut short or changed: it is built again
    return Prepared(name=dataset.name, digest=digest, root=root, tables=manifest.tables)


def _tables(root: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for folder in ("private", "public"):
        for path in sorted((root / folder).iterdir()):
            if path.is_symlink() or not path.is_file() or not _TABLE.fullmatch(path.name):
                msg = f"{BUILD_FILE} wrote {folder}/{path.name}; a table is a file <name>.csv"
                raise LabError(
                    msg, help="names are lower-case letters and digits, joined by - or _"
                )
            found[f"{folder}/{path.name}"] = _sha256(path)
    return found


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    with (home / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # freed by the system, also when this process is killed
        yield


def _build(
    dataset: Dataset,
    digest: str,
    home: Path,
    *,
    fill: Callable[[Path], None],
    say: Callable[[str], None],
) -> Prepared:
    for left_by_a_killed_process in home.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left_by_a_killed_process, ignore_errors=True)
    say(f"data set {dataset.name}: preparing its tables")
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=home) as unfinished:
        root = Path(unfinished) / digest
        for folder in ("public", "private"):
            (root / folder).mkdir(parents=True)
        (root / "private").chmod(0o700)
        fill(root)
        tables = _tables(root)
        if not any(key.startswith("public/") for key in tables):
            msg = f"{dataset.name}: {BUILD_FILE} wrote no public table"
            raise LabError(msg, help="prepare(raw, public, private) writes CSV files to public")
        manifest = _Manifest(tables=tables).model_dump_json(indent=2)
        (root / MANIFEST).write_text(manifest, encoding="utf-8")
        final = home / digest
        if final.exists():  # it did not match its manifest
            final.rename(Path(unfinished) / "replaced")
        root.rename(final)
    say(f"data set {dataset.name}: {len(tables)} tables are ready")
    return Prepared(name=dataset.name, digest=digest, root=final, tables=tables)


def _copy(tables: Mapping[str, Path], root: Path) -> None:
    for key, source in tables.items():
        shutil.copyfile(source, root / key)


def _run_build(directory: Path, root: Path, python: str) -> None:
    """Run ``prepare`` in a process of its own: its memory is given back, its crash is contained."""
    build, log = directory.resolve() / BUILD_FILE, root / "build.log"
    folders = [directory.resolve(), root / "public", root / "private"]
    command = [python, "-P", "-s", "-B", "-c", _RUN_BUILD, str(build), *map(str, folders)]
    try:
        with log.open("wb") as output:
            ended = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=root,
                env=_build_environment(root),
                timeout=BUILD_SECONDS,
                check=False,
            )
    except subprocess.TimeoutExpired:
        msg = f"{build} did not end within {BUILD_SECONDS} seconds"
        raise LabError(msg, help="make it faster, or ship smaller raw files") from None
    if ended.returncode:
        raise _failure(build, ended.returncode, log)
    log.unlink()


def _build_environment(root: Path) -> dict[str, str]:
    """Return the same environment everywhere, so that the same bytes come out."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {
        **threads,
        "HOME": str(root),
        "LC_ALL": "C.UTF-8",
        "PATH": os.defpath,
        "PYTHONHASHSEED": "0",
        "TMPDIR": str(root),
        "TZ": "UTC",
    }


def _failure(build: Path, code: int, log: Path) -> Exception:
    """Return what to raise: a full disk is not the author's fault, anything else is."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LOG_BYTES))
        text = file.read().decode("utf-8", "replace")
    full = os.strerror(errno.ENOSPC)
    if full in text or shutil.disk_usage(log.parent).free < LEAST_FREE:
        return OSError(errno.ENOSPC, full, str(log.parent))
    lines = [line for line in text.splitlines() if line.strip()][-LOG_LINES:]
    ending = f"was killed by signal {-code}" if code < 0 else f"failed with status {code}"
    message = "\n".join([f"{build} {ending}", *(f"  {line}" for line in lines)])
    return LabError(message, help=f"run {BUILD_FILE} by hand")
