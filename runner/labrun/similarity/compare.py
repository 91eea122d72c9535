"""Compare every submission with every other through an index of their fingerprints."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labrun.similarity.fingerprints import Hashes

COMMON_SHARE = 2 / 3  # of the learners: what more of them have is how the lab is solved
COMMON_FROM = 6  # learners; among fewer, what all have may be one copy
LITTLE = 20  # fingerprints: shorter code is alike by chance, so its scores are lowered
BATCH = 4096  # columns of the index that are multiplied at a time

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Document:
    """One submission: whose, and its fingerprints, ascending and each once."""

    learner: str
    hashes: Hashes


@dataclass(frozen=True)
class Scores:
    """Every pair of different learners, as parallel arrays; and what was compared.

    ``score`` is shared / max(smaller, `LITTLE`), ``jaccard`` shared / union, both in [0, 1].
    ``common`` holds the fingerprints that nearly everybody has.
    """

    left: Counts
    right: Counts
    shared: Counts
    score: npt.NDArray[np.float64]
    jaccard: npt.NDArray[np.float64]
    own: tuple[Hashes, ...]
    common: Hashes

    def ranked(self, threshold: float, *, least: int) -> list[int]:
        """Return the pairs from ``threshold`` on, the most alike first, and at least ``least``."""
        order = np.lexsort((self.left, -self.jaccard, -self.shared, -self.score))
        most = max(int((self.score >= threshold).sum()), least)
        return [int(at) for at in order[:most] if self.shared[at]]

    def common_to(self, at: int) -> Hashes:
        """Return the fingerprints that the two of a pair share."""
        both = self.own[int(self.left[at])], self.own[int(self.right[at])]
        return np.intersect1d(*both, assume_unique=True)

    def spread(self, bins: int) -> tuple[tuple[int, ...], float | None, float | None]:
        """Return the pairs in each of ``bins`` equal ranges, the median and the 95 % quantile."""
        counts, _ = np.histogram(self.score, bins=bins, range=(0, 1))
        if not len(self.score):
            return tuple(counts.tolist()), None, None
        median, high = np.quantile(self.score, [0.5, 0.95])
        return tuple(counts.tolist()), float(median), float(high)


def compare(documents: Sequence[Document], *, known: Hashes) -> Scores:
    """Return the scores of all pairs; ``known`` is what the lab itself hands out."""
    kept = [np.setdiff1d(each.hashes, known, assume_unique=True) for each in documents]
    common = _common(kept, [each.learner for each in documents])
    own = [np.setdiff1d(each, common, assume_unique=True) for each in kept]
    left, right = np.triu_indices(len(own), k=1)
    learners = np.unique([each.learner for each in documents], return_inverse=True)[1].ravel()
    others = learners[left] != learners[right] if own else np.empty(0, bool)
    left, right = left[others], right[others]
    shared = _shared(own)[left, right]
    sizes = np.array([len(each) for each in own], np.int64)
    smaller = np.minimum(sizes[left], sizes[right])
    union = sizes[left] + sizes[right] - shared
    return Scores(
        left=left,
        right=right,
        shared=shared,
        score=shared / np.maximum(smaller, LITTLE),
        jaccard=shared / np.maximum(union, 1),
        own=tuple(own),
        common=common,
    )


def _common(documents: Sequence[Hashes], learners: Sequence[str]) -> Hashes:
    """Return the fingerprints that more than `COMMON_SHARE` of the learners have."""
    by_learner: dict[str, list[Hashes]] = {}
    for learner, hashes in zip(learners, documents, strict=True):
        by_learner.setdefault(learner, []).append(hashes)
    if len(by_learner) < COMMON_FROM:
        return np.empty(0, np.uint64)
    each_once = [np.unique(np.concatenate(own)) for own in by_learner.values()]
    found, count = np.unique(np.concatenate(each_once), return_counts=True)
    return found[count > COMMON_SHARE * len(by_learner)]


def _shared(documents: Sequence[Hashes]) -> Counts:
    """Return how many fingerprints each two share, by an index from fingerprint to holders."""
    count = len(documents)
    total = np.zeros((count, count), np.int64)
    if not count:
        return total
    holders = np.repeat(np.arange(count), [len(each) for each in documents])
    _, column, held_by = np.unique(
        np.concatenate(documents), return_inverse=True, return_counts=True
    )
    column = column.ravel()
    several = held_by[column] > 1  # what one alone has is shared with nobody
    holders, column = holders[several], np.unique(column[several], return_inverse=True)[1].ravel()
    order = np.argsort(column, kind="stable")
    holders, column = holders[order], column[order]
    for first in range(0, int(column[-1]) + 1 if len(column) else 0, BATCH):
        low, high = np.searchsorted(column, [first, first + BATCH])
        block = np.zeros((count, BATCH), np.float32)  # counts below 2^24 are exact
        block[holders[low:high], column[low:high] - first] = 1
        total += (block @ block.T).astype(np.int64)
    return total
