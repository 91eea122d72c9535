"""Turn an author's lab into its sealed form, in place or beside it, and back."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from labrun.errors import UserError
from labrun.store.faults import disk_fault
from labrun.store.lab_keys import LabKey
from labrun.store.labs import plain_files
from labrun.store.opened import lay_out
from labrun.store.placing import Placed, place
from labrun.store.sealed import SealedReader, write_sealed
from labrun.store.sealed_header import SEALED_FILE
from labrun.store.sealed_lab import DATA, is_sealed, read_sealed, stays
from labrun.store.sealed_records import About, Manifest

_UNFINISHED = ".sealing-"


def seal_in_place(
    folder: Path,
    secret: Mapping[str, Path],
    clear: Mapping[str, Path],
    *,
    about: About,
    key: LabKey,
) -> Manifest:
    """Give the lab in ``folder`` its sealed form; what was sealed is read back before it goes."""
    with _making(folder.resolve().parent) as made:
        manifest = _make(made, secret, clear, about=about, key=key)
        if (made / DATA).is_dir():
            (made / DATA).rename(folder / DATA)
        (made / SEALED_FILE).rename(folder / SEALED_FILE)
        for path in sorted(folder.iterdir()):
            if not stays(path.name):
                _remove(path)
    return manifest


def seal_to(
    target: Path,
    secret: Mapping[str, Path],
    clear: Mapping[str, Path],
    *,
    about: About,
    key: LabKey,
) -> Manifest:
    """Make ``target`` the sealed lab, in place of an earlier sealed form of it."""
    if target.is_symlink() or (target.exists() and not _is_earlier(target, about)):
        msg = f"{target} is there and is not a sealed form of lab {about.slug!r}"
        raise UserError(msg, help="name another folder: --to FOLDER")
    with _making(target.resolve().parent) as made:
        manifest = _make(made, secret, clear, about=about, key=key)
        if target.exists():
            target.rename(made.parent / "replaced")
        made.rename(target)
    return manifest


def read_back(folder: Path, key: LabKey) -> Manifest:
    """Return what the sealed lab in ``folder`` holds, having authenticated every byte of it."""
    read_sealed(folder)
    with SealedReader(folder / SEALED_FILE, key) as reader:
        for _ in reader.bodies():
            pass
    return reader.manifest


def open_in_place(folder: Path, key: LabKey, *, datasets: Path, scratch: Path) -> Placed:
    """Give the lab in ``folder`` the form its author wrote, its data set below ``datasets``.

    A file that is there with other bytes is a `UserError`, and nothing is written then. Until then
    the lab lies in ``scratch``, a private folder.
    """
    placed = open_to(folder, key, lab=folder, datasets=datasets, scratch=scratch)
    try:
        (folder / SEALED_FILE).unlink()
        if (folder / DATA).is_dir():
            shutil.rmtree(folder / DATA)
    except OSError as error:
        raise disk_fault(Path(error.filename or folder), error) from error
    return placed


def open_to(folder: Path, key: LabKey, *, lab: Path, datasets: Path, scratch: Path) -> Placed:
    """Write the author's form of the sealed lab in ``folder`` to ``lab``; see `open_in_place`."""
    about = read_sealed(folder)
    with _making(scratch) as root:
        lay_out(folder, about, key, root)
        files = _targets(root / "labs" / about.slug, lab)
        if about.dataset:
            name = about.dataset.name
            files |= _targets(root / "datasets" / name, datasets / name)
        return place(files)


def _make(
    made: Path, secret: Mapping[str, Path], clear: Mapping[str, Path], *, about: About, key: LabKey
) -> Manifest:
    for path, source in clear.items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, made / path)
    write_sealed(made / SEALED_FILE, secret, key=key, about=about)
    return read_back(made, key)


@contextmanager
def _making(where: Path) -> Iterator[Path]:
    """Yield a new private folder below ``where``; it is gone at the end."""
    try:
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=where) as unfinished:
            made = Path(unfinished) / "made"
            made.mkdir()
            yield made
    except OSError as error:
        raise disk_fault(Path(error.filename or where), error) from error


def _is_earlier(target: Path, about: About) -> bool:
    return is_sealed(target) and target.name == about.slug


def _targets(source: Path, target: Path) -> dict[Path, Path]:
    return {target / path: file for path, file in plain_files(source)}


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
