"""A Jupyter notebook as Python: its code cells, read as data and never run here.

Cells are numbered as they stand in the notebook, text cells included.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from labrun.domain.syntax import tree_of

ENDING = ".ipynb"
GUEST = "labrun_notebook"  # the module that runs cells inside a sandbox
FORMAT = 4  # of nbformat, since 2015
MAX_CELLS = 2000
MAX_SOURCE = 1_000_000  # characters of all code cells
SHOWN = 60  # characters of a learner's line

_PLACE = re.compile(r"(.+\.ipynb) cell (\d{1,5})\Z")
_MAGIC = re.compile(r"(?:[\w, \t]+=[ \t]*)?(?:[%!?]|[\w.]+\?{1,2}$)")
_SHELL = re.compile(r"(?:[\w, \t]+=[ \t]*)?(?:!|%(?:pip|conda|sx|system)\b|%%(?:bash|sh)\b)")

NO_SHELL = "remove the line: the image has every library the lab needs, and no shell command counts"
NO_MAGIC = "remove the line, or write it as Python: only Jupyter understands it"


class Cell(NamedTuple):
    """One code cell, by its number in the notebook."""

    number: int
    source: str


class WrongNotebookError(ValueError):
    """The file is not a notebook that can be run; ``help`` says what to do."""

    def __init__(self, message: str, *, help: str) -> None:
        super().__init__(message)
        self.help = help


def cells(path: str, body: bytes) -> tuple[Cell, ...]:
    """Return the code cells from top to bottom; raise `WrongNotebookError` if there are none."""
    found = _cell_list(path, _loaded(path, body))
    code = [
        Cell(number, _source(path, number, each))
        for number, each in enumerate(found, 1)
        if isinstance(each, dict) and each.get("cell_type") == "code"
    ]
    code = [cell for cell in code if cell.source.strip()]
    if not code:
        msg = f"{path} has no code cell"
        raise WrongNotebookError(msg, help="save it, and hand in again")
    if sum(len(cell.source) for cell in code) > MAX_SOURCE:
        msg = f"{path} has more than {MAX_SOURCE:,} characters of code"
        raise WrongNotebookError(msg, help="hand in what the lab asks for, without data in it")
    return tuple(code)


def refuse_unrunnable(files: Mapping[str, bytes]) -> None:
    """Raise `WrongNotebookError` for the first notebook with a cell that is not plain Python."""
    for path in sorted(files):
        if not path.endswith(ENDING):
            continue
        module = _module(path)
        if module in files:
            msg = f"{path} and {module} would be one module"
            raise WrongNotebookError(msg, help=f"hand in {path} alone, or rename {module}")
        for cell in cells(path, files[path]):
            _refuse(path, cell)


def as_modules(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with a module beside each notebook that runs its cells when imported.

    That of a notebook which cannot be read says so when it is imported.
    """
    made = {_module(path): _running(path, files[path]) for path in files if path.endswith(ENDING)}
    return {**files, **made}


def joined(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with one module in place of each notebook, its cells one after the other."""
    kept = {path: body for path, body in files.items() if not path.endswith(ENDING)}
    made = {
        _module(path): "\n".join(cell.source for cell in cells(path, body)).encode()
        for path, body in files.items()
        if path.endswith(ENDING)
    }
    return kept | made


def as_notebook(source: str) -> bytes:
    """Return a notebook with one code cell."""
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    whole = {"nbformat": FORMAT, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    return json.dumps(whole).encode()


def as_sources(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with each code cell beside them, as a file of its own.

    A notebook that cannot be read has one cell, which is no Python.
    """
    made: dict[str, bytes] = {}
    for path, body in files.items():
        if path.endswith(ENDING):
            made |= {
                f"{path} cell {each.number}": each.source.encode() for each in _or_none(path, body)
            }
    return {**files, **made}


def is_cell(path: str) -> bool:
    """Return whether `as_sources` gives such a name to a code cell."""
    return _PLACE.fullmatch(path) is not None


def cell_named(name: str, files: Mapping[str, bytes]) -> bytes | None:
    """Return the source of the cell that `as_sources` calls ``name``; None if there is none."""
    place = _PLACE.fullmatch(name)
    if place is None or place[1] not in files:
        return None
    return as_sources({place[1]: files[place[1]]}).get(name)


_MODULE = '''"""The code cells of {path}, from top to bottom; written by labrun."""

import {guest}

{guest}.run({path!r}, globals(), {cells!a})
'''


def _running(path: str, body: bytes) -> bytes:
    try:
        code = [tuple(cell) for cell in cells(path, body)]
    except WrongNotebookError as error:
        return f"raise SyntaxError({str(error)!a})\n".encode()
    return _MODULE.format(guest=GUEST, path=path, cells=code).encode()


def _or_none(path: str, body: bytes) -> tuple[Cell, ...]:
    try:
        return cells(path, body)
    except WrongNotebookError:
        return (Cell(0, "(not a notebook"),)


def _module(path: str) -> str:
    return f"{path.removesuffix(ENDING)}.py"


def _loaded(path: str, body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body.decode("utf-8-sig"), parse_int=_short_number)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
        msg = f"{path} is not a notebook: it is no JSON with a list of cells"
        raise WrongNotebookError(msg, help="save it in Jupyter, and hand in again")
    if found.get("nbformat") != FORMAT:
        msg = f"{path} is of notebook format {ascii(found.get('nbformat'))[:20]}, expected {FORMAT}"
        raise WrongNotebookError(msg, help="open it in a current Jupyter and save it again")
    return found


def _short_number(text: str) -> int:
    return int(text[:20])


def _cell_list(path: str, notebook: dict[str, Any]) -> list[Any]:
    found: list[Any] = notebook["cells"]
    if len(found) > MAX_CELLS:
        msg = f"{path} has {len(found):,} cells; at most {MAX_CELLS:,} are read"
        raise WrongNotebookError(msg, help="remove what the lab does not ask for")
    about = notebook.get("metadata")
    kernel = about.get("kernelspec") if isinstance(about, dict) else None
    language = kernel.get("language") if isinstance(kernel, dict) else None
    if isinstance(language, str) and language.casefold() != "python":
        msg = f"{path} is written in {ascii(language)[:SHOWN]}, expected Python"
        raise WrongNotebookError(msg, help="choose a Python kernel in Jupyter")
    return found


def _source(path: str, number: int, cell: dict[str, Any]) -> str:
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str)).replace("\r\n", "\n")
    try:
        text.encode()
    except UnicodeEncodeError:
        msg = f"{path} cell {number} holds half a character"
        raise WrongNotebookError(msg, help="type the line again") from None
    return text


def _refuse(path: str, cell: Cell) -> None:
    try:
        tree_of(cell.source)
    except SyntaxError as error:
        line, what = error.lineno or 1, error.msg[:200]
    except (ValueError, RecursionError, MemoryError):
        line, what = 1, "holds a NUL, or is nested too deeply"
    else:
        return
    lines = cell.source.split("\n")
    for number, text in enumerate(lines, 1):
        if _MAGIC.match(text.strip()[:200]) and not _parses(lines, number):
            msg = f"{path} cell {cell.number}:{number}: {text.strip()[:SHOWN]!a} is no Python"
            raise WrongNotebookError(msg, help=NO_SHELL if _SHELL.match(text.strip()) else NO_MAGIC)
    msg = f"{path} cell {cell.number}:{line}: {what}"
    raise WrongNotebookError(msg, help="run the cell in Jupyter, and save the notebook")


def _parses(lines: list[str], number: int) -> bool:
    """Return whether the cell up to and with a line is Python, as inside a long text."""
    try:
        tree_of("\n".join(lines[:number]))
    except SyntaxError:
        return False
    except (ValueError, RecursionError, MemoryError):
        return False
    return True
