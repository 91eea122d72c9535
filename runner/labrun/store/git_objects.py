"""Read commits, trees and files of a Git repository: objects only, no checkout and no filter."""

import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from labrun.domain.pull_request import Change
from labrun.errors import StoreError, UserError

SECONDS = 120
MOST_OUTPUT = 64_000_000  # bytes of one listing; a hostile tree can be of any length
TREE_FIELDS = 4
SHOWN = 200

# What a repository, or a person's own settings, could make Git do beside reading.
QUIETLY = (
    *("git", "--no-pager", "--no-replace-objects", "--no-optional-locks", "--literal-pathspecs"),
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"),
    *("-c", "core.attributesFile=/dev/null", "-c", "protocol.allow=never"),
)


class TreeEntry(NamedTuple):
    """What stands at a path of a commit; ``size`` is 0 for what is no file."""

    path: str
    mode: str
    oid: str
    size: int


class Repository:
    """A Git repository, read through the ``git`` program.

    Every method raises `StoreError` where Git fails, and `UserError` where the caller named
    something that is not there.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def commit(self, ref: str) -> str:
        """Return the full hash of the commit that ``ref`` names."""
        asked = self._ask(["rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}"])
        if asked.returncode:
            self._refuse_if_no_repository()
            msg = f"there is no commit {ref[:SHOWN]!r} in this clone"
            raise UserError(msg, help="fetch it first: git fetch origin REF")
        return asked.stdout.decode("ascii").strip()

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the commit where two histories part; None where this clone does not hold it."""
        asked = self._ask(["merge-base", one, other])
        if asked.returncode > 1:
            msg = "find where two histories part"
            raise _fault(msg, asked.stderr)
        return asked.stdout.decode("ascii").split()[0] if asked.stdout.strip() else None

    def is_shallow(self) -> bool:
        """Return whether the clone holds the end of a history only."""
        return self._ask(["rev-parse", "--is-shallow-repository"]).stdout.strip() == b"true"

    def changes(self, old: str, new: str) -> tuple[Change, ...]:
        """Return every path in which the trees of two commits differ; a rename is two of them."""
        said = self._read(
            ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--ignore-submodules=none", old, new]
        )
        fields = said.split("\0")
        return tuple(
            Change(path=path, mode=about.split(" ")[1])
            for about, path in zip(fields[:-1:2], fields[1::2], strict=True)
        )

    def entries(self, commit: str) -> tuple[TreeEntry, ...]:
        """Return everything in the tree of a commit, in Git's order."""
        said = self._read(["ls-tree", "-r", "-z", "-l", "--full-tree", commit])
        return tuple(map(_entry, filter(None, said.split("\0"))))

    def files(self, entries: Iterable[TreeEntry]) -> Iterator[tuple[TreeEntry, bytes]]:
        """Yield each file with its bytes, as they are stored."""
        wanted = list(entries)
        if not wanted:
            return
        with subprocess.Popen(
            [*QUIETLY, "-C", str(self.root), "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                for entry in wanted:
                    yield entry, _body(process, entry)
            finally:
                process.kill()

    def _refuse_if_no_repository(self) -> None:
        asked = self._ask(["rev-parse", "--git-dir"])
        if asked.returncode:
            said = _first_line(asked.stderr)
            msg = f"{self.root} is in no Git repository that can be read: {said}"
            raise UserError(msg, help="run it in a clone, or name one: --repository FOLDER")

    def _ask(self, argv: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                [*QUIETLY, "-C", str(self.root), *argv],
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except ValueError:
            msg = f"{argv[-1][:SHOWN]!r} holds a character that no name has"
            raise UserError(msg, help="name a branch, a tag or a commit") from None
        except (OSError, subprocess.TimeoutExpired) as error:
            msg = f"Git could not be asked: {error}"
            raise StoreError(msg, help="is git installed? try: git --version") from error

    def _read(self, argv: Sequence[str]) -> str:
        r"""Return what Git prints; bytes that are no UTF-8 come back as ``\\xff``."""
        try:
            with subprocess.Popen(
                [*QUIETLY, "-C", str(self.root), *argv],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as process:
                said = _stdout(process).read(MOST_OUTPUT + 1)
                process.kill() if len(said) > MOST_OUTPUT else process.wait(SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            msg = f"Git could not be asked: {error}"
            raise StoreError(msg, help="is git installed? try: git --version") from error
        if len(said) > MOST_OUTPUT:
            msg = "the repository holds more files than can be looked at"
            raise UserError(msg, help="remove what does not belong in it")
        if process.returncode:
            msg_0 = f"{argv[0]} {' '.join(argv[-2:])}"
            raise _fault(msg_0, b"")
        return said.decode("utf-8", "backslashreplace")


def _stdout(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:  # it was started with a pipe
        raise AssertionError
    return process.stdout


def _body(process: subprocess.Popen[bytes], entry: TreeEntry) -> bytes:
    stdin, stdout = process.stdin, _stdout(process)
    if stdin is None:
        raise AssertionError
    try:
        stdin.write(f"{entry.oid}\n".encode())
        stdin.flush()
        head = stdout.readline().split()
        if len(head) == 3 and head[1] == b"blob":  # noqa: PLR2004  (hash, kind and size)
            body = stdout.read(int(head[2]))
            stdout.read(1)
            return body
    except OSError as error:
        msg = f"read {entry.path!a}"
        raise _fault(msg, b"") from error
    msg = f"read {entry.path!a}"
    raise _fault(msg, b" ".join(head))


def _entry(line: str) -> TreeEntry:
    about, _, path = line.partition("\t")
    mode, _, oid, size = about.split()[:TREE_FIELDS]
    return TreeEntry(path, mode, oid, int(size) if size.isdigit() else 0)


def _first_line(said: bytes) -> str:
    return " ".join(said.decode("utf-8", "replace").strip().splitlines()[:1])[:SHOWN]


def _fault(what: str, said: bytes) -> StoreError:
    line = _first_line(said)
    msg = f"Git could not {what}{f': {line}' if line else ''}"
    return StoreError(msg, help="is the clone whole? try: git fsck")
