"""Ask Git which commits hold files."""

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from labrun.errors import StoreError

SECONDS = 120
AT_ONCE = 200  # paths on one command line


def commits_with(root: Path, paths: Sequence[str]) -> list[tuple[str, str]]:
    """Return a commit for each of ``paths`` that any branch or tag of the checkout ever held.

    Paths are relative to ``root``. Raises `StoreError` where Git cannot tell.
    """
    found = dict[str, str]()
    for start in range(0, len(paths), AT_ONCE):
        for commit, path in _touched(root, paths[start : start + AT_ONCE]):
            found.setdefault(path, commit)
    return [(commit, path) for path, commit in sorted(found.items())]


def _touched(root: Path, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    command = ["git", "-C", str(root), "--literal-pathspecs", "log", "--all", "-m", "--no-renames"]
    command += ["--diff-filter=AM", "--name-only", "-z", "--format=%x00commit %h", "--", *paths]
    try:
        asked = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        msg = f"Git could not be asked what its history holds: {error}"
        raise StoreError(msg, help="look yourself: git log --all -- PATH") from error
    if asked.returncode:
        said = asked.stderr.decode("utf-8", "replace").strip().splitlines()[:1]
        msg = f"Git could not say what its history holds: {' '.join(said)}"
        raise StoreError(msg, help="look yourself: git log --all -- PATH")
    commit = "?"
    for part in asked.stdout.decode("utf-8", "replace").split("\0"):
        text = part.strip("\n")
        if text.startswith("commit "):
            commit = text.removeprefix("commit ")
        elif text:
            yield commit, text
