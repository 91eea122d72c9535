"""Collect a submission from a folder that may hold anything."""

import difflib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from labrun.domain.lab import Lab, SubmissionRules
from labrun.domain.record import Record
from labrun.domain.submission import Submission
from labrun.errors import SubmissionError

MAX_ENTRIES = 5000
MAX_LEVELS = 5
MAX_NAME = 100
TESTS = "tests"  # `labrun start` puts the public tests here; they are the learner's, not the lab's

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_JUNK = frozenset({"__pycache__", "node_modules", "venv"})
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OPEN_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC


class LeftOut(Record):
    """A file or folder that is not sent; ``path`` is printable."""

    path: str
    why: str


class Collected(Record):
    """A submission, with what stood beside it."""

    submission: Submission
    left_out: tuple[LeftOut, ...]


class _Entry(NamedTuple):
    path: str
    why: str | None
    size: int = 0


def collect(lab: Lab, directory: Path) -> Collected:
    """Return the files of ``directory`` that the lab asks for; no link is followed.

    Raises `SubmissionError` where they break the rules of the lab; that costs no attempt.
    """
    rules = lab.submission
    root = _open_root(directory)
    try:
        entries = _walk(root, directory, rules)
        wanted = [entry for entry in entries if entry.why is None]
        _require(rules, directory, entries)
        _refuse_clash(directory, wanted)
        _refuse_excess(rules, directory, wanted)
        files = _read_all(root, rules, directory, wanted)
    finally:
        os.close(root)
    _refuse_empty(rules, directory, files)
    left_out = [LeftOut(path=printable(path), why=why) for path, why, _ in entries if why]
    return Collected(submission=Submission(lab=lab.slug, files=files), left_out=tuple(left_out))


def unsafe_name(path: str) -> str | None:
    """Say why the relative POSIX path may not be part of a submission; None if it may."""
    parts = path.split("/")
    if len(parts) > MAX_LEVELS:
        return f"is more than {MAX_LEVELS} levels deep"
    return next((why for part in parts if (why := _unsafe_part(part))), None)


def printable(path: str) -> str:
    """Return ``path`` with everything escaped that could confuse a terminal or a log."""
    return path if path.isprintable() else ascii(path)[1:-1]


def _unsafe_part(part: str) -> str | None:
    faults = {
        "is hidden": part.startswith("."),
        "has a name that starts with '-'": part.startswith("-"),
        f"has a name of more than {MAX_NAME} characters": len(part) > MAX_NAME,
        "has a name with other characters than A-Z a-z 0-9 . - _": not _NAME.fullmatch(part),
    }
    return next((why for why, is_so in faults.items() if is_so), None)


def _open_root(directory: Path) -> int:
    try:
        return os.open(directory.resolve(), _OPEN_FOLDER)
    except FileNotFoundError:
        what = "does not exist"
    except NotADirectoryError:
        what = "is a file, expected a folder"
    except (OSError, ValueError, RuntimeError) as error:
        what = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    msg = f"{printable(str(directory))!r} {what}"
    raise SubmissionError(msg, help="name the folder that holds your work")


def _walk(root: int, directory: Path, rules: SubmissionRules) -> list[_Entry]:
    """Return what the folder holds, in order; a folder that is not entered is one entry."""
    waiting, entries, seen = [""], list[_Entry](), 0
    while waiting:
        prefix = waiting.pop()
        try:
            for path, item in _listed(root, prefix):
                seen += 1
                if seen > MAX_ENTRIES:
                    raise _too_many_entries(directory)
                is_folder = item.is_dir(follow_symlinks=False)
                if is_folder and not _unwanted_folder(path, rules):
                    waiting.append(f"{path}/")
                else:
                    entries.append(_judge(path, item, rules))
        except OSError as error:
            entries.append(_Entry(prefix, f"cannot be read: {error.strerror}"))
    return sorted(entries)


def _listed(root: int, prefix: str) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    folder = _open_beneath(root, prefix.rstrip("/"), _OPEN_FOLDER)
    try:
        with os.scandir(folder) as items:
            for item in items:
                yield prefix + item.name, item
    finally:
        os.close(folder)


def _too_many_entries(directory: Path) -> SubmissionError:
    return SubmissionError(
        f"{directory} holds more than {MAX_ENTRIES:,} files and folders",
        help="is it the right folder? name the one that `labrun start` made",
    )


def _judge(path: str, item: "os.DirEntry[str]", rules: SubmissionRules) -> _Entry:
    if item.is_dir(follow_symlinks=False):
        return _Entry(f"{path}/", _unwanted_folder(path, rules))
    why = _wrong_kind(item) or unsafe_name(path) or _not_asked_for(path, rules)
    return _Entry(path, why, 0 if why else item.stat(follow_symlinks=False).st_size)


def _unwanted_folder(path: str, rules: SubmissionRules) -> str | None:
    if path.rpartition("/")[2] in _JUNK:
        return "is not your work"
    if path == TESTS and not any(p.startswith("tests/") for p in (*rules.require, *rules.allow)):
        return "is not handed in: tests are yours to keep"
    return unsafe_name(path)


def _wrong_kind(item: "os.DirEntry[str]") -> str | None:
    if item.is_symlink():
        return "is a link, and links are not followed"
    return None if item.is_file(follow_symlinks=False) else "is not a regular file"


def _not_asked_for(path: str, rules: SubmissionRules) -> str | None:
    if path in rules.require or _allowed(path, rules.allow):
        return None
    return f"is not among {', '.join(rules.allow)}"


def _allowed(path: str, patterns: Iterable[str]) -> bool:
    name = path.rpartition("/")[2]
    return any(fnmatchcase(name, each) or fnmatchcase(path, each) for each in patterns)


def _require(rules: SubmissionRules, directory: Path, entries: list[_Entry]) -> None:
    why = {entry.path: entry.why for entry in entries}
    missing = [path for path in rules.require if why.get(path, "") is not None]
    if not missing:
        return
    needs = f"the lab needs: {', '.join(rules.require)}"
    first = missing[0]
    if first in why:
        msg = f"{directory}/{first} {why[first]}"
        raise SubmissionError(msg, help=f"{needs}; put a plain file there")
    msg = f"{directory} lacks {', '.join(missing)}"
    close = _near_miss(first, [entry.path for entry in entries])
    hint = f"; did you mean {printable(close)!r}?" if close else ""
    raise SubmissionError(msg, help=needs + hint)


def _near_miss(wanted: str, paths: list[str]) -> str | None:
    """Return the path that was most likely meant: other case, one more ending, another folder."""
    name = PurePosixPath(wanted).name.casefold()
    stem = name.rpartition(".")[0] or name
    likely = {path: PurePosixPath(path).name.casefold() for path in paths if not path.endswith("/")}
    tests = (
        lambda found: found == name,
        lambda found: found.startswith(f"{name}.") or found == f"{name}~",
        lambda found: found.rpartition(".")[0] == stem,
        lambda found: bool(difflib.get_close_matches(found, [name], cutoff=0.8)),
    )
    return next((path for test in tests for path, found in likely.items() if test(found)), None)


def _refuse_clash(directory: Path, wanted: list[_Entry]) -> None:
    """Refuse names that some file systems cannot tell apart, folders included."""
    known: dict[str, str] = {}
    for entry in wanted:
        parts = entry.path.split("/")
        for end in range(1, len(parts) + 1):
            path = "/".join(parts[:end])
            other = known.setdefault(path.casefold(), path)
            if other != path:
                msg = f"{directory} holds {other!r} and {path!r}, which differ only in case"
                raise SubmissionError(msg, help="rename one of them")


def _refuse_excess(rules: SubmissionRules, directory: Path, wanted: list[_Entry]) -> None:
    if len(wanted) > rules.max_files:
        msg = f"{directory} holds {len(wanted)} files to send; the lab allows {rules.max_files}"
        raise SubmissionError(msg, help="move what the lab does not need to another folder")
    if sum(entry.size for entry in wanted) > _max_bytes(rules):
        raise _too_large(rules, directory, wanted)


def _max_bytes(rules: SubmissionRules) -> int:
    return int(rules.max_mb * 1_000_000)


def _too_large(rules: SubmissionRules, directory: Path, wanted: list[_Entry]) -> SubmissionError:
    largest = max(wanted, key=lambda entry: entry.size)
    return SubmissionError(
        f"{directory} holds {sum(entry.size for entry in wanted) / 1e6:.1f} MB to send; "
        f"the lab allows {rules.max_mb:g} MB",
        help=f"the largest is {largest.path} with {largest.size / 1e6:.1f} MB",
    )


def _read_all(
    root: int, rules: SubmissionRules, directory: Path, wanted: list[_Entry]
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = _max_bytes(rules)
    for entry in wanted:
        body = _read(root, entry.path, directory, left + 1)
        left -= len(body)
        if left < 0:  # it grew since it was measured
            raise _too_large(rules, directory, [*wanted, _Entry(entry.path, None, len(body))])
        files[entry.path] = body
    return files


def _read(root: int, path: str, directory: Path, most: int) -> bytes:
    """Return at most ``most`` bytes of a file that is still a plain one and stays as it is."""
    try:
        with os.fdopen(_open_beneath(root, path, _OPEN_FILE), "rb") as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                msg = f"{directory}/{path} is no longer a regular file"
                raise SubmissionError(msg, help="hand in again")
            body = file.read(most)
            after = os.fstat(file.fileno())
    except OSError as error:
        msg = f"{directory}/{path} cannot be read: {error.strerror}"
        raise SubmissionError(msg, help="look at its permissions, or remove it") from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        msg = f"{directory}/{path} changed while it was read"
        raise SubmissionError(msg, help="wait until nothing writes to it, and hand in again")
    return body


def _open_beneath(root: int, path: str, how: int) -> int:
    """Open ``path`` below ``root``; a folder on the way that became a link is refused."""
    if not path:
        return os.open(".", how, dir_fd=root)
    folders = path.split("/")
    at = root
    try:
        for name in folders[:-1]:
            below = os.open(name, _OPEN_FOLDER, dir_fd=at)
            if at != root:
                os.close(at)
            at = below
        return os.open(folders[-1], how, dir_fd=at)
    finally:
        if at != root:
            os.close(at)


def _refuse_empty(rules: SubmissionRules, directory: Path, files: dict[str, bytes]) -> None:
    for path in rules.require:
        if not files[path].strip():
            msg = f"{directory}/{path} is empty"
            raise SubmissionError(msg, help="save it in your editor, and hand in again")
