import ast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labrun.similarity.fingerprints import (
    GRAM,
    MAX_PLACES,
    MAX_TOKENS,
    WINDOW,
    every_gram,
    fingerprints,
    grams_of,
)
from labrun.similarity.flatten import Token

WORDS = st.lists(st.sampled_from("abc"), max_size=60)


def body(words: list[str]) -> bytes:
    """Return a function whose tokens follow the words, three kinds of statement."""
    kinds = {"a": "x = y", "b": "x += y", "c": "del x"}
    return ("def f():\n" + "".join(f"    {kinds[word]}\n" for word in words)).encode()


def test_code_without_python_has_no_fingerprints() -> None:
    empty = fingerprints({"notes.md": b"x = 1"})
    assert len(empty.hashes) == len(empty.lines) == len(empty.places) == 0
    assert len(every_gram({})) == 0


def test_short_code_has_none_and_the_first_comes_with_enough_tokens() -> None:
    def count(tokens: int) -> int:
        return len(grams_of(tuple(Token("a", 1) for _ in range(tokens))))

    assert [count(GRAM - 1), count(GRAM), count(GRAM + 5)] == [0, 1, 6]


@given(
    before=WORDS, shared=st.lists(st.sampled_from("abc"), min_size=GRAM, max_size=20), after=WORDS
)
def test_a_match_of_gram_and_window_tokens_is_always_found(
    before: list[str], shared: list[str], after: list[str]
) -> None:
    whole = fingerprints({"a.py": body(shared)})
    around = fingerprints({"a.py": body([*before, *shared, *after])})
    assert len(whole.lines) >= GRAM + WINDOW - 1
    assert np.isin(whole.hashes, around.hashes).any()


@given(words=WORDS)
def test_fingerprints_are_among_all_hashes_and_stand_where_they_say(words: list[str]) -> None:
    files = {"a.py": body(words)}
    found = fingerprints(files)
    assert np.isin(found.hashes, every_gram(files)).all()
    assert list(found.hashes) == sorted(found.places)
    assert all(start + GRAM <= len(found.lines) for at in found.places.values() for start in at)


def test_hashes_are_the_same_in_every_process() -> None:
    (found,) = grams_of(tuple(Token(str(number), 1) for number in range(GRAM)))
    assert int(found) == 10_975_206_032_426_293_505


def test_repetitive_code_keeps_few_places_and_says_where_it_stopped() -> None:
    found = fingerprints({"a.py": b"x = f(y) + 1\n" * 15_000})
    assert len(found.lines) == MAX_TOKENS
    assert max(map(len, found.places.values())) == MAX_PLACES
    assert found.skipped == ("a.py: compared up to 30,000 tokens in all",)


def test_pieces_stand_more_than_a_match_apart(ada: bytes) -> None:
    found = fingerprints({"a.py": ada, "b.py": ada})
    gap = np.flatnonzero(found.pieces == -1)
    assert len(gap) == GRAM + WINDOW
    assert set(found.pieces[: gap[0]]) == {0}
    assert set(found.pieces[gap[-1] + 1 :]) == {1}
    assert found.lines.max() <= len(ast.unparse(ast.parse(ada)).split("\n")) + 20
