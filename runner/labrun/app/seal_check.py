"""Look for what a seal hides and something else gives away."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labrun.app.progress import Progress
from labrun.app.settings import Settings
from labrun.app.unsealed import NEEDS_KEY, lab_key
from labrun.domain.record import Record
from labrun.errors import LabError, UserError
from labrun.store.git_history import commits_with
from labrun.store.lab_keys import LabKey, checkout_of
from labrun.store.sealed import SealedReader
from labrun.store.sealed_header import SEALED_FILE
from labrun.store.sealed_lab import DATASET, LAB, TABLES, is_sealed, read_sealed, stays
from labrun.store.sealed_records import About, Entry

LEAST_BYTES = 16  # an empty __init__.py is nobody's secret
LEAST_LINE = 24  # shorter lines of code are anybody's
LEAST_ROW = 10  # a row of numbers is one row's own sooner
LINES_GIVE_AWAY = 5  # that many of one sealed file's lines in one file are no accident
LARGEST_TEXT = 32 << 20
SKIPPED = {".git", "node_modules", "__pycache__"}
ANSWERS = (f"{LAB}hidden/", f"{LAB}solution/", TABLES)  # a starter may well be the baseline


class Finding(Record):
    """Something that gives sealed content away: now, if ``leak``, or in the past."""

    path: str
    what: str
    leak: bool


@dataclass(frozen=True)
class _Secrets:
    """What is sealed: names by digest, and by the lines that are in one sealed file alone."""

    digests: dict[str, str]
    lines: dict[bytes, str]


def look_for_leaks(folder: Path, *, settings: Settings, progress: Progress) -> list[Finding]:
    """Return what gives away the sealed lab in ``folder``, in all of the checkout around it.

    A file is a leak that has the bytes of a sealed file, or several of its lines. Raises
    `UserError` without the key and `LabError` where the lab is not sealed or is damaged.
    """
    if not is_sealed(folder):
        msg = f"{folder} is not sealed: it has no {SEALED_FILE}"
        raise LabError(msg, help="seal it first: labrun lab seal LAB --new-key FILE")
    key = lab_key(settings)
    if key is None:
        msg = "knowing what must not be in the clear takes the lab's key"
        raise UserError(msg, help=NEEDS_KEY.partition(";")[0])
    about = read_sealed(folder)
    root = checkout_of(folder) or folder.resolve().parent.parent
    progress.say(f"searching {root} for what is sealed")
    secrets, names = _secrets(folder, about, key)
    found = [*_left_over(folder, root), *_in_files(root, folder.resolve(), about, secrets)]
    unique = {(each.path, each.what): each for each in found}
    return [*unique.values(), *_in_history(folder, settings, about, names)]


def _left_over(folder: Path, root: Path) -> Iterator[Finding]:
    for path in sorted(folder.resolve().iterdir()):
        if not stays(path.name):
            yield Finding(path=_named(path, root), what="a sealed lab has no such file", leak=True)


def _in_files(root: Path, folder: Path, about: About, secrets: _Secrets) -> Iterator[Finding]:
    clear = {folder / path for path in about.clear}
    for path in _walk(root):
        if path == folder / SEALED_FILE:
            continue
        try:
            if path.stat().st_size < LEAST_BYTES:
                continue
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                file.seek(0)
                body = file.read(LARGEST_TEXT)
        except OSError as error:
            what = f"could not be read: {error.strerror}"
            yield Finding(path=_named(path, root), what=what, leak=False)
            continue
        name = secrets.digests.get(digest)
        if name and not (path in clear and not name.startswith(ANSWERS)):
            yield Finding(path=_named(path, root), what=f"has the bytes of {name}", leak=True)
        elif path not in clear and (given := _given_away(body, secrets)):
            yield Finding(path=_named(path, root), what=given, leak=True)


def _given_away(body: bytes, secrets: _Secrets) -> str | None:
    counts: dict[str, int] = {}
    for line in set(body.splitlines()):
        if name := secrets.lines.get(line.strip()):
            counts[name] = counts.get(name, 0) + 1
    worst = max(counts, key=lambda name: counts[name], default=None)
    if worst is None or counts[worst] < LINES_GIVE_AWAY:
        return None
    return f"has {counts[worst]} lines of {worst}"


def _secrets(folder: Path, about: About, key: LabKey) -> tuple[_Secrets, list[str]]:
    digests, lines, names = {}, dict[bytes, str](), []
    public = _public_lines(folder, about)
    with SealedReader(folder / SEALED_FILE, key) as reader:
        for entry, pieces in reader.bodies():
            names.append(entry.path)
            body = b"".join(pieces) if entry.size <= LARGEST_TEXT else b""
            if entry.size >= LEAST_BYTES and not _published(entry, about):
                digests[entry.sha256] = entry.path
                if not entry.path.startswith(DATASET):
                    lines |= dict.fromkeys(_telling(entry, body) - public, entry.path)
    return _Secrets(digests, lines), names


def _telling(entry: Entry, body: bytes) -> set[bytes]:
    least = LEAST_ROW if entry.path.startswith(TABLES) else LEAST_LINE
    return {line for each in body.splitlines() if len(line := each.strip()) >= least}


def _public_lines(folder: Path, about: About) -> set[bytes]:
    return {
        line.strip() for path in about.clear for line in (folder / path).read_bytes().splitlines()
    }


def _published(entry: Entry, about: About) -> bool:
    """Return whether these bytes are in the clear as data/dataset.yaml or the data set's card."""
    return entry.path.startswith(DATASET) and entry.sha256 in {
        file.sha256 for file in about.clear.values()
    }


def _in_history(
    folder: Path, settings: Settings, about: About, names: list[str]
) -> Iterator[Finding]:
    root = checkout_of(folder)
    if root is None:
        return
    paths = [folder.resolve() / each.removeprefix(LAB) for each in names if each.startswith(LAB)]
    if about.dataset:
        data = settings.datasets.resolve() / about.dataset.name
        published = {"dataset.yaml", "README.md"}
        raw = (each.removeprefix(DATASET) for each in names if each.startswith(DATASET))
        paths += [data / name for name in raw if name not in published]
    inside = [path.relative_to(root).as_posix() for path in paths if path.is_relative_to(root)]
    for commit, path in commits_with(root, inside):
        what = f"is in Git's history (commit {commit}): publish a history without it"
        yield Finding(path=path, what=what, leak=False)


def _walk(root: Path) -> Iterator[Path]:
    for path in sorted(root.iterdir()):
        if path.is_symlink() or path.name in SKIPPED:
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path


def _named(path: Path, root: Path) -> str:
    return path.relative_to(root.resolve()).as_posix()
