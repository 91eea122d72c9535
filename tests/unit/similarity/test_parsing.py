import pytest

from labrun.similarity.parsing import parsed, segments

WHOLE = "def f(a):\n    return [b for b in a if b]\n\n\ndef g(x):\n    return {x: x + 1}\n"


def texts(code: str) -> list[str]:
    return [token.text for segment in segments(code) for token in segment]


def test_what_parses_is_read_as_a_tree() -> None:
    assert "ListComp" in texts(WHOLE)


def test_around_what_does_not_parse_everything_else_still_does() -> None:
    broken = WHOLE.replace("\n\n\ndef g", "\n\ndef h(:\n    if x then y\n\n\ndef g")
    whole = segments(WHOLE)
    assert [[token.text for token in each] for each in segments(broken)[:2]] == [
        [token.text for token in each] for each in whole
    ]
    lines = {token.line for each in segments(broken) for token in each}
    assert lines == {2, 4, 5, 9}


def test_what_does_not_parse_is_read_as_words_without_names_and_comments() -> None:
    said = texts("def h(:  # no\n    if wanted then 'yes' or 12\n")
    assert said == [
        "def", "name", "(", ":", "if", "name", "name", "text", "or", "number"
    ]  # fmt: skip


def test_a_decorator_stays_with_its_function() -> None:
    code = "@cache\n# for speed\n@other(1)\ndef f():\n    return a + b\n\nx = = 1\n"
    assert texts(code)[:4] == ["Return", "BinOp", "name", "Add"]


@pytest.mark.parametrize(
    "code",
    [
        "(" * 100_000,
        "x=" + "-" * 100_000 + "1",
        "a\0b",
        "\\\n" * 50_000,
        '"\\' * 50_000,
        "'''" * 9999,
    ],
    ids=["brackets", "minus", "nul", "continued", "quotes", "triple"],
)
def test_hostile_source_is_read_and_never_an_error(code: str) -> None:
    assert parsed(code) is None
    assert isinstance(segments(code), list)


def test_deep_code_that_parses_needs_no_deep_stack() -> None:
    assert texts("x = " + "a + " * 900 + "a").count("Add") == 900
