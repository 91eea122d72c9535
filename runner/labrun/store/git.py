"""The commit a folder is at, read from its files: no program runs in a learner's folder."""

import re
from pathlib import Path

HASH = re.compile(r"[0-9a-f]{40}\Z")
REF = re.compile(r"ref: (refs/[A-Za-z0-9._/-]{1,200})\Z")
MOST = 500


def head_commit(folder: Path) -> str | None:
    """Return the commit of the Git checkout ``folder`` lies in; None where that is not plain."""
    for place in (folder.resolve(), *folder.resolve().parents):
        if (place / ".git").is_dir():
            return _commit(place / ".git")
    return None


def _commit(git: Path) -> str | None:
    head = _line(git / "HEAD")
    named = REF.match(head)
    if named and ".." not in named[1]:
        head = _line(git / named[1])
    return head if HASH.match(head) else None


def _line(path: Path) -> str:
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            return file.readline(MOST).strip()
    except OSError:
        return ""
