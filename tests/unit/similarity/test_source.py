import json
from typing import Any

import pytest

from labrun.similarity.source import MAX_NOTEBOOK, MAX_SOURCE, source_of


def notebook(*cells: str | list[str] | Any) -> bytes:
    made = [{"cell_type": "code", "source": cell} for cell in cells]
    return json.dumps({"cells": made, "nbformat": 4}).encode()


def codes(body: bytes) -> list[str]:
    return [piece.code for piece in source_of({"a.ipynb": body}).pieces]


def test_python_files_and_notebooks_are_read_and_nothing_else() -> None:
    source = source_of(
        {"b.py": b"x = 1\n", "a.csv": b"x,y\n", "c.ipynb": notebook("y = 2"), "d.pyc": b"\0"}
    )
    assert [piece.path for piece in source.pieces] == ["b.py", "c.ipynb cell 1"]
    assert source.skipped == ()


def test_only_code_cells_count_as_a_text_or_as_lines() -> None:
    body = json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "source": "x = 0"},
                {"cell_type": "code", "source": ["x = 1\n", "y = 2"]},
                {"cell_type": "code", "source": "z = 3", "outputs": [{"text": "w = 4"}]},
                {"cell_type": "code"},
                "no cell at all",
            ]
        }
    ).encode()
    assert codes(body) == ["x = 1\ny = 2", "z = 3"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("%matplotlib inline\nx = 1", "\nx = 1"),
        ("!pip install x\nx = 1", "\nx = 1"),
        ("files = !ls\nx = 1", "\nx = 1"),
        ("x = 1\nfit?", "x = 1\n"),
        ("%%time\nx = 1", "\nx = 1"),
        ("%%bash\nrm x = 1", ""),
        ("x = (a\n% b)", "x = (a\n% b)"),
    ],
)
def test_the_words_of_ipython_become_empty_lines(cell: str, code: str) -> None:
    assert codes(notebook(cell)) == [code]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"cells": 3}', b"[" * 100_000, b'{"cells": [' + b"9" * 10_000 + b"]}", b"\xff"],
    ids=["empty", "a list", "no cells", "nested", "a long number", "not text"],
)
def test_what_is_no_notebook_is_said_and_never_an_error(body: bytes) -> None:
    source = source_of({"a.ipynb": body})
    assert source.pieces == ()
    assert source.skipped == ("a.ipynb: not compared, it is not a notebook",)


def test_a_large_notebook_is_said_and_not_read() -> None:
    source = source_of({"a.ipynb": b" " * (MAX_NOTEBOOK + 1)})
    assert source.skipped == ("a.ipynb: not compared, 10 MB of at most 10 MB",)


def test_a_large_file_is_read_as_far_as_is_said() -> None:
    source = source_of({"a.py": b"x = 1\n" * 4_000_000, "b.py": b"y = 2\n"})
    assert sum(len(piece.text) for piece in source.pieces) == MAX_SOURCE
    assert source.skipped == ("a.py: compared up to 200,000 characters in all",)


def test_a_file_that_is_no_utf_8_is_read_without_its_odd_characters() -> None:
    source = source_of(
        {"a.py": "# größe\nx = 1\r\n".encode("latin-1"), "b.py": b"\xef\xbb\xbfy = 2"}
    )
    assert [piece.code for piece in source.pieces] == ["# gr\ufffd\ufffde\nx = 1\n", "y = 2"]
