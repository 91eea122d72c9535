"""Find where two submissions are alike, as stretches of lines on both sides."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from labrun.domain.similarity import Excerpt, Line, Region
from labrun.similarity.fingerprints import GRAM, WINDOW, Fingerprints, Hashes

MAX_REGIONS = 30  # shown of one pair
MAX_MATCHES = 50_000  # looked at for one pair
MAX_LINES = 80  # shown of one side of a region
MAX_WIDTH = 160  # characters of a line
CONTEXT = 1  # lines around a region


class _Stretch(NamedTuple):
    """Tokens ``left`` to ``left + length`` on one side, as many from ``right`` on the other."""

    left: int
    right: int
    length: int


def regions(left: Fingerprints, right: Fingerprints, shared: Hashes) -> tuple[Region, ...]:
    """Return the shared code of two submissions, longest first, every token of it once.

    ``shared`` are the fingerprints that count: those of both that are nobody else's too.
    """
    taken_left = np.zeros(len(left.lines) + GRAM, bool)
    taken_right = np.zeros(len(right.lines) + GRAM, bool)
    found = []
    for each in sorted(_stretches(left, right, shared), key=lambda it: (-it.length, it.left)):
        here = slice(each.left, each.left + each.length)
        there = slice(each.right, each.right + each.length)
        if taken_left[here].mean() > 1 / 2 or taken_right[there].mean() > 1 / 2:
            continue
        taken_left[here] = taken_right[there] = True
        found.append(
            Region(
                tokens=each.length,
                left=_excerpt(left, each.left, each.length),
                right=_excerpt(right, each.right, each.length),
            )
        )
        if len(found) == MAX_REGIONS:
            break
    return tuple(found)


def _stretches(left: Fingerprints, right: Fingerprints, shared: Hashes) -> Iterator[_Stretch]:
    """Join matches that lie on one diagonal with no gap that winnowing does not leave."""
    diagonals: dict[int, list[int]] = defaultdict(list)
    looked = 0
    for each in shared.tolist():
        for here in left.places.get(each, ()):
            for there in right.places.get(each, ()):
                diagonals[there - here].append(here)
                looked += 1
        if looked > MAX_MATCHES:
            break
    for apart, starts in diagonals.items():
        ordered = sorted(starts)
        first = last = ordered[0]
        for start in [*ordered[1:], len(left.lines) + 2 * GRAM]:
            if start - last > GRAM + WINDOW - 1:
                yield _Stretch(left=first, right=first + apart, length=last - first + GRAM)
                first = start
            last = start


def _excerpt(side: Fingerprints, start: int, length: int) -> Excerpt:
    piece = side.source[int(side.pieces[start])]
    own = set(side.lines[start : start + length].tolist())
    text = piece.text.rstrip("\n").split("\n")
    low = max(min(own) - CONTEXT, 1)
    high = min(max(own) + CONTEXT, len(text))
    shown = range(low, min(high, low + MAX_LINES - 1) + 1)
    lines = tuple(Line(number=at, text=text[at - 1][:MAX_WIDTH], shared=at in own) for at in shown)
    return Excerpt(path=piece.path, lines=lines, left_out=high - shown[-1])
