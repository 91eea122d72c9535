from random import Random

import numpy as np

from labrun.domain.similarity import Region
from labrun.similarity.fingerprints import fingerprints
from labrun.similarity.regions import MAX_LINES, MAX_REGIONS, MAX_WIDTH, regions


def shared(one: dict[str, bytes], other: dict[str, bytes]) -> tuple[Region, ...]:
    left, right = fingerprints(one), fingerprints(other)
    return regions(left, right, np.intersect1d(left.hashes, right.hashes))


def test_the_same_function_is_found_wherever_it_stands(ada: bytes, copy: bytes) -> None:
    found = shared({"solution.py": ada}, {"work.py": copy})
    sides = {
        next(line.text for line in region.left.lines if line.shared): next(
            line.text for line in region.right.lines if line.shared
        )
        for region in found
    }
    assert sides["    df = df.copy()"] == "    table = table.copy()"
    assert sides["    limit = cost_fp / (cost_fp + cost_fn)"] == (
        "    t = cost_fp / (cost_fp + cost_fn)"
    )
    assert {region.left.path for region in found} == {"solution.py"}
    assert {region.right.path for region in found} == {"work.py"}


def test_the_longest_comes_first_and_lines_are_numbered(ada: bytes) -> None:
    found = shared({"a.py": ada}, {"b.py": b"# mine\n\n" + ada})
    assert [region.tokens for region in found] == sorted(
        (region.tokens for region in found), reverse=True
    )
    for region in found:
        numbers = [line.number for line in region.left.lines]
        assert [line.number for line in region.right.lines] == [number + 2 for number in numbers]


def test_comments_and_docstrings_within_a_region_are_shown_and_not_marked() -> None:
    code = b"def f(a):\n    b = [c for c in a if c]\n    # why\n    return {c: c + 1 for c in b}\n"
    (region,) = shared({"a.py": code}, {"b.py": code})
    marked = {line.text.strip(): line.shared for line in region.left.lines}
    assert marked["# why"] is False
    assert marked["return {c: c + 1 for c in b}"] is True


def test_no_token_is_shown_twice() -> None:
    line = b"x = [f(a, b) for a in c if g(a)]\n"
    found = shared({"a.py": line}, {"b.py": line * 50})
    assert len(found) == 1


def test_unlike_code_has_no_regions(ada: bytes) -> None:
    assert shared({"a.py": ada}, {"b.py": b"x = 1\n"}) == ()


def test_what_is_shown_is_bounded() -> None:
    def many(between: str) -> bytes:
        functions = []
        for number in range(64):
            signs = f"{number:06b}{number:06b}{number:06b}".replace("0", "+").replace("1", "*")
            sums = "".join(f"a {sign} " for sign in signs)
            functions.append(f"def f(a):\n    return {sums}a  # {'long ' * 100}\n")
        return between.join(functions).encode()

    found = shared({"a.py": many("x = 1\n")}, {"b.py": many("while y:\n    x(2)\n")})
    assert len(found) == MAX_REGIONS
    assert max(len(line.text) for each in found for line in each.left.lines) == MAX_WIDTH


def test_a_long_region_says_how_much_more_there_is() -> None:
    signs = Random(1).choices("+-*/@|&^%", k=200)  # noqa: S311  (no secret)
    code = "def f(a):\n" + "".join(f"    x = a {sign} y\n" for sign in signs)
    region = shared({"a.py": code.encode()}, {"b.py": code.encode()})[0]
    assert len(region.left.lines) == MAX_LINES
    assert region.left.left_out == len(signs) - MAX_LINES + 1
