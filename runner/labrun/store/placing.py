"""Put many files in place: all of them or none, and none over another."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from labrun.domain.record import Record
from labrun.errors import UserError
from labrun.store.sealed_header import file_sha256

CONFLICTS_SHOWN = 5


class Placed(Record):
    """Files that were written, and files that were there already with the same bytes."""

    written: tuple[Path, ...]
    unchanged: tuple[Path, ...]


def place(files: Mapping[Path, Path]) -> Placed:
    """Copy ``files``, sources by target; a target with other bytes is a `UserError`.

    Nothing is written where one target is in the way; what an `OSError` cuts short is undone.
    """
    new = [target for target in files if not (target.is_symlink() or target.exists())]
    _refuse_others(files, [target for target in files if target not in set(new)])
    made: list[Path] = []
    try:
        for target in new:
            for folder in reversed(list(_missing(target.parent))):
                folder.mkdir()
                made.append(folder)
            made.append(target)
            _copy(files[target], target)
    except BaseException:
        for path in reversed(made):
            with suppress(OSError):  # the first error is the one to tell
                path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        raise
    return Placed(
        written=tuple(new), unchanged=tuple(target for target in files if target not in set(new))
    )


def _refuse_others(files: Mapping[Path, Path], there: list[Path]) -> None:
    in_the_way = [path for path in there if not _same(files[path], path)]
    blocked = [
        parent
        for parent in {parent for path in files for parent in path.parents}
        if (parent.is_symlink() or parent.exists()) and not parent.is_dir()
    ]
    if found := sorted({*in_the_way, *blocked}):
        names = ", ".join(map(str, found[:CONFLICTS_SHOWN]))
        more = f" and {len(found) - CONFLICTS_SHOWN} more" if len(found) > CONFLICTS_SHOWN else ""
        msg = f"files that differ are in the way, and nothing was written: {names}{more}"
        raise UserError(msg, help="move them away, or open the lab elsewhere: --to FOLDER")


def _same(source: Path, target: Path) -> bool:
    return (
        target.is_file() and not target.is_symlink() and file_sha256(source) == file_sha256(target)
    )


def _missing(folder: Path) -> Iterator[Path]:
    while not folder.exists():
        yield folder
        folder = folder.parent


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as body, target.open("xb") as file:
        shutil.copyfileobj(body, file)
    if source.stat().st_mode & 0o100:
        mode = target.stat().st_mode
        target.chmod(mode | (mode & 0o444) >> 2)  # whoever may read it may run it
