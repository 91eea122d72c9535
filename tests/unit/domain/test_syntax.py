import ast
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from labrun.domain.syntax import tree_of

NESTED = "x = " + "(" * 60 + "1" + ")" * 60 + "\n"
BODY = NESTED * 200


def test_many_threads_parse_at_the_same_time() -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads change places as often as they can
    try:
        with ThreadPoolExecutor(max_workers=8) as pool:
            trees = list(pool.map(tree_of, [BODY] * 24))
    finally:
        sys.setswitchinterval(before)
    assert {len(tree.body) for tree in trees} == {200}


def test_what_the_source_does_wrong_is_raised_and_warnings_are_not() -> None:
    assert isinstance(tree_of("x = '\\d'"), ast.Module)
    for body in ("def", "x = '\0'"):
        with pytest.raises((SyntaxError, ValueError)):
            tree_of(body)
