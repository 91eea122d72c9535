"""Sealed labs opened for grading: kept in a private folder, in the form their authors wrote.

    <home>/opened/<slug>-<digest>/labs/<slug>/...      the lab
    <home>/opened/<slug>-<digest>/datasets/<name>/...  its data set
    <home>/opened/<slug>-<digest>/tables/<name>.csv    its private tables

Whoever may read the home folder may read these too, as with prepared data.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labrun.domain.record import Record
from labrun.errors import LabError
from labrun.store.datasets import adopt
from labrun.store.faults import disk_fault
from labrun.store.lab_keys import LabKey
from labrun.store.labs import plain_files
from labrun.store.sealed import SealedReader, unpack
from labrun.store.sealed_header import SEALED_FILE, file_sha256
from labrun.store.sealed_lab import DATA, DATASET, LAB, TABLES, public_tables, read_sealed
from labrun.store.sealed_records import About, Manifest

UNFINISHED = ".opening-"

_PRIVATE = 0o700


class Opened(Record):
    """Where an opened lab is: its folder, and the folder of data sets that goes with it."""

    folder: Path
    datasets: Path


def opened(folder: Path, key: LabKey, *, home: Path, cache: Path) -> Opened:
    """Return the sealed lab in ``folder`` opened below ``home``, and its tables put in ``cache``.

    Nothing is there before all of it was authenticated. Two processes may do so at once. Raises
    `UserError` for another key, `LabError` where anything is not what was sealed, and
    `StoreError` where ``home`` cannot be written.
    """
    about = read_sealed(folder)
    sealed = folder / SEALED_FILE
    root = home / f"{about.slug}-{file_sha256(sealed)[:16]}"
    found = Opened(folder=root / "labs" / about.slug, datasets=root / "datasets")
    try:
        home.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        home.chmod(_PRIVATE)
        with _locked(home):
            with SealedReader(sealed, key) as reader:  # the key is asked for every time
                wanted = _wanted(about, reader.manifest)
            if _on_disk(root) != wanted:
                _open(folder, about, key, root)
            _put_tables(folder, about, found.datasets, cache)
    except OSError as error:
        raise disk_fault(Path(error.filename or home), error) from error
    return found


def lay_out(folder: Path, about: About, key: LabKey, root: Path) -> Manifest:
    """Write the author's form below ``root``, an empty private folder: labs/, datasets/, tables/.

    An error leaves part of it there; the caller throws the folder away.
    """
    inside = root / "sealed"
    inside.mkdir(mode=_PRIVATE)
    manifest = unpack(folder / SEALED_FILE, key, inside)
    lab = root / "labs" / about.slug
    lab.parent.mkdir(mode=_PRIVATE)
    _move(inside / LAB, lab)
    for path in _authors(about):
        (lab / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / path, lab / path)
    if about.dataset:
        (root / "datasets").mkdir(mode=_PRIVATE)
        _move(inside / DATASET, root / "datasets" / about.dataset.name)
        _move(inside / TABLES, root / "tables")
    shutil.rmtree(inside)
    if _on_disk(root) != _wanted(about, manifest):  # a clear file changed meanwhile
        msg = f"{folder} changed while it was being opened"
        raise LabError(msg, help="run the command again")
    return manifest


def _move(source: Path, target: Path) -> None:
    if source.is_dir():
        source.rename(target)
    else:
        target.mkdir()


def _open(folder: Path, about: About, key: LabKey, root: Path) -> None:
    for left_by_a_killed_process in root.parent.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left_by_a_killed_process, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=root.parent) as unfinished:
        made = Path(unfinished) / "made"
        made.mkdir(mode=_PRIVATE)
        lay_out(folder, about, key, made)
        if root.exists():  # it is not what was sealed
            root.rename(Path(unfinished) / "replaced")
        made.rename(root)


def _put_tables(folder: Path, about: About, datasets: Path, cache: Path) -> None:
    """Put the sealed and the clear tables where prepared data is looked for."""
    public = public_tables(folder, about)
    if public is None or about.dataset is None:
        return
    private = datasets.parent / "tables"
    tables = {key: public.root / key for key in public.tables}
    tables |= {f"private/{name}.csv": private / f"{name}.csv" for name in public.sealed}
    ready = adopt(datasets / about.dataset.name, cache, tables)
    if ready.digest != about.dataset.digest:
        msg = f"{folder}: data set {ready.name!r} is not the one its tables are from"
        raise LabError(msg, help="its author opens the lab and seals it again")


def _authors(about: About) -> list[str]:
    return [path for path in about.clear if not path.startswith(f"{DATA}/")]


def _wanted(about: About, manifest: Manifest) -> dict[str, str]:
    """Return the SHA-256 of every file of the opened lab, by its path there."""
    lab = f"labs/{about.slug}/"
    found = {f"{lab}{path}": about.clear[path].sha256 for path in _authors(about)}
    dataset = f"datasets/{about.dataset.name}/" if about.dataset else ""
    for entry in manifest.files:
        for begin, to in ((LAB, lab), (DATASET, dataset), (TABLES, TABLES)):
            if entry.path.startswith(begin):
                found[to + entry.path.removeprefix(begin)] = entry.sha256
    return found


def _on_disk(root: Path) -> dict[str, str]:
    try:
        return {path: file_sha256(file) for path, file in plain_files(root)}
    except LabError:
        return {}  # it is made again


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    with (home / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # freed by the system, also when this process is killed
        yield
