"""Notebooks as Python: what is run, and what is refused with its cell."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrun.domain.notebook import (
    MAX_CELLS,
    MAX_SOURCE,
    WrongNotebookError,
    as_modules,
    as_notebook,
    as_sources,
    cell_named,
    cells,
    is_cell,
    joined,
    refuse_unrunnable,
)

NB = "a.ipynb"


def notebook(*sources: str | list[str], **more: Any) -> bytes:
    """Return a notebook: a text cell, then a code cell for each source."""
    code: list[dict[str, Any]] = [
        {"cell_type": "code", "source": each, "outputs": [], "metadata": {}} for each in sources
    ]
    text = {"cell_type": "markdown", "source": "# Title", "metadata": {}}
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [text, *code]} | more
    return json.dumps(whole).encode()


def refusal(body: bytes, **others: bytes) -> WrongNotebookError:
    with pytest.raises(WrongNotebookError) as caught:
        refuse_unrunnable({NB: body, **{f"{name}.py": each for name, each in others.items()}})
    assert str(caught.value).isprintable()
    return caught.value


def test_cells_keep_their_numbers_in_the_notebook_and_empty_ones_are_left_out() -> None:
    body = notebook("x = 1\n", "  \n", ["y = 2\r\n", "z = 3"])
    assert [tuple(cell) for cell in cells(NB, body)] == [(2, "x = 1\n"), (4, "y = 2\nz = 3")]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is not a notebook"),
        (b"\xff\xfe", "is not a notebook"),
        (b"[]", "is not a notebook"),
        (b'{"cells": 3, "nbformat": 4}', "is not a notebook"),
        (b'{"cells": ' + b"[" * 100_000, "is not a notebook"),
        (notebook("x", nbformat=3), "format 3, expected 4"),
        (notebook("x", nbformat="\x1b[2J"), "expected 4"),
        (notebook(), "has no code cell"),
        (
            notebook("x", metadata={"kernelspec": {"language": "R"}}),
            "written in 'R', expected Python",
        ),
        (notebook(*["x"] * MAX_CELLS), "has 2,001 cells"),
        (notebook("#" * (MAX_SOURCE + 1)), "more than 1,000,000 characters of code"),
        (notebook("x = '\ud800'"), "a.ipynb cell 2 holds half a character"),
        (notebook("x = 1", "def f(:\n"), "a.ipynb cell 3:1: invalid syntax"),
        (notebook("x = '\0'"), "a.ipynb cell 2:1: "),
    ],
)
def test_what_cannot_be_run_is_named_with_its_cell(body: bytes, said: str) -> None:
    assert said in str(refusal(body))


@pytest.mark.parametrize(
    ("source", "line", "hint"),
    [
        ("import os\n%matplotlib inline\n", 2, "only Jupyter understands it"),
        ("%%time\nx = 1\n", 1, "only Jupyter understands it"),
        ("!pip install x\n", 1, "the image has every library"),
        ("%pip install x\n", 1, "the image has every library"),
        ("files = !ls\n", 1, "the image has every library"),
        ("for x in y:\n    !ls\n", 2, "the image has every library"),
        ("pandas.read_csv?\n", 1, "only Jupyter understands it"),
        ("%%bash\nls\n", 1, "the image has every library"),
    ],
)
def test_magics_are_refused_with_line_and_hint(source: str, line: int, hint: str) -> None:
    error = refusal(notebook(source))
    assert str(error).startswith(f"a.ipynb cell 2:{line}: ")
    assert hint in error.help


def test_what_only_looks_like_a_magic_is_python() -> None:
    refuse_unrunnable({NB: notebook('x = """\n%matplotlib\n!ls\n"""\ny = (7\n% 3)\n')})


def test_a_module_of_the_same_name_is_refused() -> None:
    assert "would be one module" in str(refusal(notebook("x = 1"), a=b"y = 2"))


def test_the_module_beside_a_notebook_holds_its_cells_whatever_is_in_them() -> None:
    hostile = "x = '''\"\"\"'''\nprint('}{0}', \"\\n\", 'é')\n"
    made = as_modules({NB: notebook(hostile, "y = 2"), "b.py": b""})
    assert made.keys() == {NB, "a.py", "b.py"}
    given: list[Any] = []
    source = made["a.py"].decode("ascii").replace("import labrun_notebook\n", "")
    runner = type("Runner", (), {"run": staticmethod(lambda *args: given.append(args))})
    exec(compile(source, "a.py", "exec"), {"labrun_notebook": runner})  # noqa: S102  (of our making)
    name, _, code = given[0]
    assert (name, code) == (NB, [(2, hostile), (3, "y = 2")])


def test_cells_stand_beside_the_files_as_sources_of_their_own() -> None:
    files = {NB: notebook("x = 1", "y = 2")}
    assert as_sources(files)["a.ipynb cell 3"] == b"y = 2"
    assert cell_named("a.ipynb cell 3", files) == b"y = 2"
    for none in ("a.ipynb cell 9", "b.ipynb cell 2", "a.py"):
        assert cell_named(none, files) is None
    assert cell_named("a.ipynb cell 2", {NB: b"broken"}) is None


def test_a_notebook_that_cannot_be_read_says_so_when_imported_and_is_no_python() -> None:
    module = as_modules({NB: b"broken"})["a.py"]
    with pytest.raises(SyntaxError, match=r"a.ipynb is not a notebook"):
        exec(compile(module, "a.py", "exec"), {})  # noqa: S102  (of our making)
    assert as_sources({NB: b"broken"})["a.ipynb cell 0"] == b"(not a notebook"


def test_cells_are_joined_into_one_module_and_a_module_becomes_a_notebook() -> None:
    files = {NB: notebook("x = 1", "y = 2"), "b.py": b""}
    assert joined(files) == {"a.py": b"x = 1\ny = 2", "b.py": b""}
    assert [cell.source for cell in cells(NB, as_notebook("x = 1"))] == ["x = 1"]


def test_names_of_cells_are_told_from_other_names() -> None:
    assert is_cell("a.ipynb cell 3")
    assert not is_cell("a.py")


KEYS = st.sampled_from(["cells", "cell_type", "source", "x"])
JSON = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)


@given(JSON)
def test_any_json_is_a_notebook_or_refused(value: Any) -> None:
    body = json.dumps({"nbformat": 4, "cells": [value], "metadata": value}).encode()
    with pytest.raises(WrongNotebookError):
        refuse_unrunnable({NB: body})
