"""Fingerprints of code by winnowing.

After Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document fingerprinting",
SIGMOD 2003: of every `WINDOW` neighbouring hashes of `GRAM` tokens the least is kept, so that every
match of at least `GRAM` + `WINDOW` - 1 tokens is found, and none shorter than `GRAM`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from labrun.similarity.flatten import Segment
from labrun.similarity.parsing import segments
from labrun.similarity.source import Piece, Source, source_of

Hashes = npt.NDArray[np.uint64]
GRAM = 12
WINDOW = 4
MAX_TOKENS = 30_000  # of one submission: some three thousand lines
MAX_PLACES = 4  # of one fingerprint in one submission: repetitive code repeats itself endlessly
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, of no pattern: 2^64 over the golden ratio
_SHIFT = np.uint64(32)


@dataclass(frozen=True)
class Fingerprints:
    """What is compared of one submission.

    ``hashes`` holds each fingerprint once, ascending; ``places`` the first tokens where it was
    taken. ``pieces`` and ``lines`` say for every token which piece it is in, and on which line.
    Tokens of different pieces are more than a match apart.
    """

    source: tuple[Piece, ...]
    hashes: Hashes
    places: Mapping[int, tuple[int, ...]]
    pieces: npt.NDArray[np.int32]
    lines: npt.NDArray[np.int32]
    skipped: tuple[str, ...]


def fingerprints(files: Mapping[str, bytes]) -> Fingerprints:
    """Return the fingerprints of the Python in files by path; nothing is run."""
    source = source_of(files)
    tokens, skipped = _tokens(source)
    hashes, starts = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    for start, _, segment in tokens:
        grams = grams_of(segment)
        chosen = _winnow(grams)
        hashes.append(grams[chosen])
        starts.append(chosen + start)
    places = _places(np.concatenate(hashes), np.concatenate(starts))
    end = tokens[-1][0] + len(tokens[-1][2]) if tokens else 0
    pieces, lines = np.full(end, -1, np.int32), np.zeros(end, np.int32)
    for start, piece, segment in tokens:
        pieces[start : start + len(segment)] = piece
        lines[start : start + len(segment)] = [token.line for token in segment]
    return Fingerprints(
        source=source.pieces,
        hashes=np.array(sorted(places), np.uint64),
        places=places,
        pieces=pieces,
        lines=lines,
        skipped=(*source.skipped, *skipped),
    )


def every_gram(files: Mapping[str, bytes]) -> Hashes:
    """Return the hash of every `GRAM` tokens, ascending: what a copy of any part would share."""
    tokens, _ = _tokens(source_of(files))
    found = [grams_of(segment) for _, _, segment in tokens]
    return np.unique(np.concatenate([np.empty(0, np.uint64), *found]))


def grams_of(segment: Segment) -> Hashes:
    """Return the hash of every `GRAM` neighbouring tokens, in order; shape (tokens - GRAM + 1,)."""
    count = len(segment) - GRAM + 1
    if count < 1:
        return np.empty(0, np.uint64)
    words = np.array([_number(token.text) for token in segment], np.uint64)
    found = np.zeros(count, np.uint64)
    for at in range(GRAM):  # unsigned numbers wrap around, as a polynomial hash wants
        found = found * _FACTOR + words[at : at + count]
    found ^= found >> _SHIFT
    return found * _FACTOR


@lru_cache(maxsize=4096)
def _number(word: str) -> int:
    # Not hash(), which differs from process to process.
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")


def _tokens(source: Source) -> tuple[list[tuple[int, int, Segment]], list[str]]:
    """Return the segments with the number of their first token and of their piece."""
    found: list[tuple[int, int, Segment]] = []
    start = total = 0
    for number, piece in enumerate(source.pieces):
        for each in segments(piece.code):
            segment = each[: MAX_TOKENS - total]
            found.append((start, number, segment))
            start, total = start + len(segment), total + len(segment)
            if total >= MAX_TOKENS:
                return found, [f"{piece.path}: compared up to {MAX_TOKENS:,} tokens in all"]
        start += GRAM + WINDOW
    return found, []


def _winnow(grams: Hashes) -> npt.NDArray[np.int64]:
    """Return the places of the least hash of each window, the last of equals, each once."""
    if len(grams) <= WINDOW:
        return np.array([np.argmin(grams)] if len(grams) else [], np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(grams, WINDOW)[:, ::-1]
    least = WINDOW - 1 - np.argmin(windows, axis=1)
    return np.unique(least + np.arange(len(windows)))


def _places(hashes: Hashes, starts: npt.NDArray[np.int64]) -> dict[int, tuple[int, ...]]:
    order = np.argsort(hashes, kind="stable")
    ordered, where = hashes[order], starts[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)])
    ends = np.minimum(np.append(first[1:], len(ordered)), first + MAX_PLACES)
    return {
        int(ordered[low]): tuple(where[low:high].tolist())
        for low, high in zip(first, ends, strict=True)
    }
