import ast

import pytest

from labrun.similarity.flatten import flatten


def texts(code: str) -> list[list[str]]:
    return [[token.text for token in segment] for segment in flatten(ast.parse(code))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("total = price * count", "x = a * b"),
        ("x = 3", "x = -400.5"),
        ("x = 'a'", 'x = """another"""'),
        ("x: int = 3", "x = 3"),
        ("def f(a: int) -> str:\n    return g(a)", "def f(b):\n    return g(b)"),
        ("def f(a):\n    'Say what.'\n    return g(a)", "def f(a):\n    return g(a)"),
        ("@cache\ndef f(a):\n    return g(a)", "def f(a):\n    return g(a)"),
        ("import numpy as np\nx = np.mean(y)", "from numpy import mean\nx = mean(y)"),
        ("import numpy as np\nx = np.mean(y)", "x = m(y)"),
        ("import a.b.c\nx = a.b.c.d(y)", "from a.b import c\nx = c.d(y)"),
        ("f(a=x, b=y + 1)", "f(b=y + 1, a=x)"),
        ("x = [1, 2, 3]", "x = [7]"),
        ("x = (a+b)", "x = a + b  # the sum"),
        ("if a:\n    pass\n    b()", "if a:\n    b()"),
        ("x.first = 1", "y.second = 2"),
        ("x = f(y).first", "x = g(z).second"),
        (
            "try:\n    f()\nexcept OSError as e:\n    g(e)",
            "try:\n    f()\nexcept K as z:\n    g(z)",
        ),
    ],
)
def test_what_a_copier_changes_first_does_not_change_the_tokens(one: str, other: str) -> None:
    assert texts(one) == texts(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = a * b", "x = a + b"),
        ("for x in y:\n    f(x)", "while x:\n    f(x)"),
        ("x = f(a)", "x = f(a, b)"),
        ("x = a", "x = -a"),
        ("x = 1", "x = None"),
        ("x = 1", "x = 'one'"),
        ("x = f(a).b", "x = f(a)"),
        ("x = [1, a]", "x = [1, 2]"),
    ],
)
def test_other_code_has_other_tokens(one: str, other: str) -> None:
    assert texts(one) != texts(other)


def test_every_function_is_a_segment_of_its_own_wherever_it_stands() -> None:
    one = "def f():\n    return a + b\n\nclass C:\n    def g(self):\n        return [c]\n\nx = y\n"
    other = "class D:\n    def k(self):\n        return [c]\nx = y\ndef h():\n    return a + b\n"
    assert sorted(texts(one)) == sorted(texts(other))


def test_tokens_know_their_lines() -> None:
    (segment,) = flatten(ast.parse("x = (\n    a\n    + 1\n)\n"))
    assert [(token.text, token.line) for token in segment] == [
        ("Assign", 1), ("name", 1), ("BinOp", 2), ("name", 2), ("Add", 2), ("number", 3)
    ]  # fmt: skip


def test_code_without_effect_leaves_nothing() -> None:
    assert texts('"""Doc."""\nimport os\nx: int\npass\n...\n') == []
