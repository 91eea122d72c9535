"""Find the Python in what was handed in: files and the code cells of notebooks."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from labrun.similarity.parsing import parsed

MAX_SOURCE = 200_000  # bytes of source of one submission: twenty times what people write
MAX_NOTEBOOK = 10_000_000  # bytes, pictures included
OWN_PYTHON = re.compile(r"%%(?:time|timeit|capture|prun)\b")  # cell magics above Python
# A magic, a command of the shell or a question, also on the right of an assignment.
MAGIC = re.compile(r"(?:[\w, \t]+=[ \t]*)?(?:[%!?]|[\w.]+\?{1,2}$)")
LONG = 200  # characters of a line that are enough to know a magic


class Piece(NamedTuple):
    """One file or one cell: what is shown of it, and what of it is Python."""

    path: str
    text: str
    code: str


class Source(NamedTuple):
    """The Python of one submission, and what of it was not read, a sentence each."""

    pieces: tuple[Piece, ...]
    skipped: tuple[str, ...]


def source_of(files: Mapping[str, bytes]) -> Source:
    """Return the Python in files by path; what is too large or unreadable is named, never fatal."""
    pieces: list[Piece] = []
    skipped: list[str] = []
    left = MAX_SOURCE
    for path in sorted(files):
        found = _pieces(path, files[path], skipped.append)
        for piece in found:
            if len(piece.text) > left:
                skipped.append(f"{piece.path}: compared up to {MAX_SOURCE:,} characters in all")
                pieces.append(_cut(piece, left))
                left = 0
                break
            pieces.append(piece)
            left -= len(piece.text)
        if left <= 0:
            break
    return Source(pieces=tuple(pieces), skipped=tuple(skipped))


def _pieces(path: str, body: bytes, skip: Callable[[str], None]) -> Iterator[Piece]:
    if path.endswith(".py"):
        text = _text(body[: 4 * MAX_SOURCE])  # a character has at most four bytes
        yield Piece(path=path, text=text, code=text)
    elif path.endswith(".ipynb"):
        if len(body) > MAX_NOTEBOOK:
            skip(f"{path}: not compared, {len(body) / 1e6:.0f} MB of at most 10 MB")
            return
        yield from _cells(path, body, skip)


def _text(body: bytes) -> str:
    # No other encoding: which one is the learner's choice, and so its decoder would be.
    return _plain(body.decode("utf-8-sig", "replace"))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", " ").replace("\f", " ")


def _cells(path: str, body: bytes, skip: Callable[[str], None]) -> Iterator[Piece]:
    try:
        notebook = json.loads(body)
        cells = notebook["cells"]
        if not isinstance(cells, list):
            raise TypeError  # noqa: TRY301  (one sentence for all that is wrong)
    except (ValueError, KeyError, TypeError, RecursionError):
        skip(f"{path}: not compared, it is not a notebook")
        return
    for number, cell in enumerate(cells, 1):
        text = _cell_text(cell)
        if text:
            yield Piece(path=f"{path} cell {number}", text=text, code=_without_magic(text))


def _cell_text(cell: Any) -> str:
    """Return the source of a code cell, which is a text or a list of lines."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return ""
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return _plain(text.encode("utf-8", "replace").decode("utf-8"))  # JSON may hold half characters


def _without_magic(text: str) -> str:
    """Return the Python of a cell, line for line; IPython's own words become empty lines."""
    if text.startswith("%%") and not OWN_PYTHON.match(text):
        return ""  # another language
    if parsed(text) is not None:
        return text
    lines = text.split("\n")
    return "\n".join("" if MAGIC.match(line.strip()[:LONG]) else line for line in lines)


def _cut(piece: Piece, most: int) -> Piece:
    return Piece(path=piece.path, text=piece.text[:most], code=piece.code[:most])
