"""The rules for what may be handed in, the same for folders and archives."""

import difflib
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import NamedTuple

from labrun.domain.lab import SubmissionRules
from labrun.domain.record import Record
from labrun.domain.submission import Submission
from labrun.errors import SubmissionError

MAX_LEVELS = 5
MAX_NAME = 100
TESTS = "tests"  # `labrun start` puts the public tests here; they are the learner's, not the lab's

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_JUNK = frozenset({"__pycache__", "__MACOSX", "node_modules", "venv"})


class LeftOut(Record):
    """A file or folder that is not sent; ``path`` is printable."""

    path: str
    why: str


class Collected(Record):
    """A submission, with what stood beside it."""

    submission: Submission
    left_out: tuple[LeftOut, ...]


class Entry(NamedTuple):
    """A file, or a folder that is not entered; ``why`` it is left out, None if it is wanted."""

    path: str
    why: str | None
    size: int = 0


def unsafe_name(path: str) -> str | None:
    """Say why the relative POSIX path may not be part of a submission; None if it may."""
    parts = path.split("/")
    if len(parts) > MAX_LEVELS:
        return f"is more than {MAX_LEVELS} levels deep"
    return next((why for part in parts if (why := _unsafe_part(part))), None)


def printable(path: str) -> str:
    """Return ``path`` with everything escaped that could confuse a terminal or a log."""
    return path if path.isprintable() else ascii(path)[1:-1]


def unwanted_folder(path: str, rules: SubmissionRules) -> str | None:
    """Say why nothing in the folder is looked at; None if it is entered."""
    if path.rpartition("/")[2] in _JUNK:
        return "is not your work"
    if path == TESTS and not any(p.startswith("tests/") for p in (*rules.require, *rules.allow)):
        return "is not handed in: tests are yours to keep"
    return unsafe_name(path)


def unwanted_file(path: str, rules: SubmissionRules) -> str | None:
    """Say why a regular file is left out; None if it is sent."""
    if why := unsafe_name(path):
        return why
    if path in rules.require or _allowed(path, rules.allow):
        return None
    return f"is not among {', '.join(rules.allow)}"


def left_out(entries: Iterable[Entry]) -> tuple[LeftOut, ...]:
    """Return what is not sent, as the learner is told."""
    return tuple(LeftOut(path=printable(path), why=why) for path, why, _ in entries if why)


def require(rules: SubmissionRules, where: str, entries: list[Entry]) -> None:
    """Refuse what lacks a file that the lab needs; ``where`` is the folder or archive."""
    why = {entry.path: entry.why for entry in entries}
    missing = [path for path in rules.require if why.get(path, "") is not None]
    if not missing:
        return
    needs = f"the lab needs: {', '.join(rules.require)}"
    first = missing[0]
    if first in why:
        msg = f"{where}/{first} {why[first]}"
        raise SubmissionError(msg, help=f"{needs}; put a plain file there")
    msg = f"{where} lacks {', '.join(missing)}"
    close = _near_miss(first, [entry.path for entry in entries])
    hint = f"; did you mean {printable(close)!r}?" if close else ""
    raise SubmissionError(msg, help=needs + hint)


def refuse_clash(where: str, wanted: list[Entry]) -> None:
    """Refuse names that some file systems cannot tell apart, folders included."""
    known: dict[str, str] = {}
    for entry in wanted:
        parts = entry.path.split("/")
        for end in range(1, len(parts) + 1):
            path = "/".join(parts[:end])
            other = known.setdefault(path.casefold(), path)
            if other != path:
                msg = f"{where} holds {other!r} and {path!r}, which differ only in case"
                raise SubmissionError(msg, help="rename one of them")


def refuse_excess(rules: SubmissionRules, where: str, wanted: list[Entry]) -> None:
    """Refuse more files or bytes than the lab allows."""
    if len(wanted) > rules.max_files:
        msg = f"{where} holds {len(wanted)} files to send; the lab allows {rules.max_files}"
        raise SubmissionError(msg, help="move what the lab does not need to another folder")
    if sum(entry.size for entry in wanted) > max_bytes(rules):
        raise too_large(rules, where, wanted)


def refuse_empty(rules: SubmissionRules, where: str, files: dict[str, bytes]) -> None:
    """Refuse a required file with nothing in it."""
    for path in rules.require:
        if not files[path].strip():
            msg = f"{where}/{path} is empty"
            raise SubmissionError(msg, help="save it in your editor, and hand in again")


def max_bytes(rules: SubmissionRules) -> int:
    """Return how many bytes all files together may have."""
    return int(rules.max_mb * 1_000_000)


def too_large(rules: SubmissionRules, where: str, wanted: list[Entry]) -> SubmissionError:
    """Return the error for more bytes than the lab allows."""
    largest = max(wanted, key=lambda entry: entry.size)
    return SubmissionError(
        f"{where} holds {sum(entry.size for entry in wanted) / 1e6:.1f} MB to send; "
        f"the lab allows {rules.max_mb:g} MB",
        help=f"the largest is {largest.path} with {largest.size / 1e6:.1f} MB",
    )


def _unsafe_part(part: str) -> str | None:
    faults = {
        "is hidden": part.startswith("."),
        "has a name that starts with '-'": part.startswith("-"),
        f"has a name of more than {MAX_NAME} characters": len(part) > MAX_NAME,
        "has a name with other characters than A-Z a-z 0-9 . - _": not _NAME.fullmatch(part),
    }
    return next((why for why, is_so in faults.items() if is_so), None)


def _allowed(path: str, patterns: Iterable[str]) -> bool:
    name = path.rpartition("/")[2]
    return any(fnmatchcase(name, each) or fnmatchcase(path, each) for each in patterns)


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
