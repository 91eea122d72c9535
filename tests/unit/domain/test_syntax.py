import ast
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from labrun.domain.syntax import tree_of


def test_no_two_threads_parse_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most, other = [0], [0], threading.Event()

    def slow(*_: Any, **__: Any) -> ast.Module:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        other.wait(0.02)  # time enough for another to come in, were it let
        inside[0] -= 1
        return ast.Module(body=[], type_ignores=[])

    monkeypatch.setattr(ast, "parse", slow)
    with ThreadPoolExecutor(max_workers=4) as pool:
        assert len(list(pool.map(tree_of, ["x"] * 8))) == 8
    assert most == [1]


def test_what_the_source_does_wrong_is_raised_and_its_warnings_are_not() -> None:
    assert len(tree_of("x = '\\d'").body) == 1
    for body in ("def", "x = '\0'"):
        with pytest.raises((SyntaxError, ValueError)):
            tree_of(body)
