"""Collect a submission from a folder, or an archive, that may hold anything."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from labrun.domain.lab import Lab, SubmissionRules
from labrun.domain.submission import Submission
from labrun.errors import SubmissionError
from labrun.store.archives import collect_archive, is_archive_name
from labrun.store.intake import (
    Collected,
    Entry,
    LeftOut,
    left_out,
    max_bytes,
    printable,
    refuse_clash,
    refuse_empty,
    refuse_excess,
    require,
    too_large,
    unsafe_name,
    unwanted_file,
    unwanted_folder,
)

__all__ = ["LeftOut", "collect", "unsafe_name"]

MAX_ENTRIES = 5000

_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OPEN_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC


def collect(lab: Lab, handed_in: Path) -> Collected:
    """Return the files that the lab asks for, of a folder or an archive; no link is followed.

    Raises `SubmissionError` where they break the rules of the lab; that costs no attempt.
    """
    if is_archive_name(handed_in.name) and handed_in.is_file():
        return collect_archive(lab, handed_in)
    return _collect_folder(lab, handed_in)


def _collect_folder(lab: Lab, directory: Path) -> Collected:
    rules, where = lab.submission, str(directory)
    root = _open_root(directory)
    try:
        entries = _walk(root, directory, rules)
        wanted = [entry for entry in entries if entry.why is None]
        require(rules, where, entries)
        refuse_clash(where, wanted)
        refuse_excess(rules, where, wanted)
        files = _read_all(root, rules, directory, wanted)
    finally:
        os.close(root)
    refuse_empty(rules, where, files)
    submission = Submission(lab=lab.slug, files=files)
    return Collected(submission=submission, left_out=left_out(entries))


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


def _walk(root: int, directory: Path, rules: SubmissionRules) -> list[Entry]:
    """Return what the folder holds, in order; a folder that is not entered is one entry."""
    waiting, entries, seen = [""], list[Entry](), 0
    while waiting:
        prefix = waiting.pop()
        try:
            for path, item in _listed(root, prefix):
                seen += 1
                if seen > MAX_ENTRIES:
                    raise _too_many_entries(directory)
                is_folder = item.is_dir(follow_symlinks=False)
                if is_folder and not unwanted_folder(path, rules):
                    waiting.append(f"{path}/")
                else:
                    entries.append(_judge(path, item, rules))
        except OSError as error:
            entries.append(Entry(prefix, f"cannot be read: {error.strerror}"))
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


def _judge(path: str, item: "os.DirEntry[str]", rules: SubmissionRules) -> Entry:
    if item.is_dir(follow_symlinks=False):
        return Entry(f"{path}/", unwanted_folder(path, rules))
    why = _wrong_kind(item) or unwanted_file(path, rules)
    return Entry(path, why, 0 if why else item.stat(follow_symlinks=False).st_size)


def _wrong_kind(item: "os.DirEntry[str]") -> str | None:
    if item.is_symlink():
        return "is a link, and links are not followed"
    return None if item.is_file(follow_symlinks=False) else "is not a regular file"


def _read_all(
    root: int, rules: SubmissionRules, directory: Path, wanted: list[Entry]
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = max_bytes(rules)
    for entry in wanted:
        body = _read(root, entry.path, directory, left + 1)
        left -= len(body)
        if left < 0:  # it grew since it was measured
            raise too_large(rules, str(directory), [*wanted, Entry(entry.path, None, len(body))])
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
