"""Compare submissions on the same hidden rows: far finer than by their intervals."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from labrun.domain.grade import Estimate
from labrun.domain.record import Record
from labrun.grading.bootstrap import DRAWS, TAILS
from labrun.grading.metric import Metric
from labrun.grading.pairs import Pair
from labrun.grading.predictions import Array
from labrun.grading.uncertainty import standard_error

SEED = 20_150_706  # the same draws for everyone, or the comparison would not be paired
ERROR_DRAWS = 300  # a standard error to 4 %
BLOCK = 100  # draws in memory at a time
MOST_KEPT = 2_000_000  # numbers that are kept from one submission to the next


@dataclass(frozen=True)
class Scored:
    """What one submission predicted, by seed, beside the truth; ``groups`` names clusters."""

    metric: Metric
    params: Record
    pairs: tuple[Pair, ...]
    groups: Array | None = None

    @property
    def rows(self) -> int:
        """Return how many rows it was judged on."""
        return len(self.pairs[0].truth)


def drawn(scored: Scored, draws: int = DRAWS) -> Array | None:
    """Return the metric (draws,) on rows drawn again and again, alike for every submission.

    With several seeds that is the mean over them. None for a metric that cannot be weighed.
    """
    weigh = scored.metric.weighed
    if weigh is None:
        return None
    values = []
    for weights in _weights(scored.rows, scored.groups, draws):
        with np.errstate(all="ignore"):
            each = [weigh(p.truth, p.predicted, scored.params, weights) for p in scored.pairs]
        values.append(np.mean(each, axis=0))
    return np.concatenate(values)


def error_of_difference(
    new: Scored, new_estimate: Estimate, old: Scored | None, old_estimate: Estimate
) -> float:
    """Return the standard error of the difference between two submissions.

    Paired where both were judged on the same rows; where that cannot be known, of two independent
    estimates.
    """
    if old is not None and old.rows == new.rows:
        first, second = drawn(new, ERROR_DRAWS), drawn(old, ERROR_DRAWS)
        if first is not None and second is not None:
            gaps = first - second
            gaps = gaps[np.isfinite(gaps)]
            if len(gaps) > 1:
                return float(gaps.std(ddof=1))
    return float(np.hypot(standard_error(new_estimate), standard_error(old_estimate)))


def tiers(ranked: Sequence[Array | None], *, higher: bool) -> list[int]:
    """Return the tier of each of some submissions, best first, from one paired bootstrap.

    ``ranked`` holds what `drawn` gave. The first opens tier 1; the next ones belong to it as long
    as the interval of their difference to the one that opened it holds 0; the next opens tier 2.
    """
    found: list[int] = []
    head: Array | None = None
    for values in ranked:
        if not found or not _alike(head, values, higher=higher):
            found.append(found[-1] + 1 if found else 1)
            head = values
        else:
            found.append(found[-1])
    return found


def _alike(head: Array | None, values: Array | None, *, higher: bool) -> bool:
    if head is None or values is None or len(head) != len(values):
        return False
    gaps = (head - values) if higher else (values - head)
    gaps = gaps[np.isfinite(gaps)]
    return not len(gaps) or float(np.percentile(gaps, TAILS[0])) <= 0


def _weights(rows: int, groups: Array | None, draws: int) -> Iterator[Array]:
    where = None if groups is None else np.unique(groups, return_inverse=True)[1]
    units = rows if where is None else int(where.max()) + 1
    keep = units * draws <= MOST_KEPT
    blocks = _kept_tallies(units, draws) if keep else _tallies(units, draws)
    for tally in blocks:
        yield tally if where is None else tally[:, where]


def _tallies(units: int, draws: int) -> Iterator[Array]:
    """Yield (block, units): how often each unit comes up in as many draws with replacement."""
    rng = np.random.default_rng(SEED)
    for start in range(0, draws, BLOCK):
        tally = np.empty((min(BLOCK, draws - start), units))
        for row in tally:
            row[:] = np.bincount(rng.integers(0, units, units), minlength=units)
        yield tally


@functools.lru_cache(maxsize=2)
def _kept_tallies(units: int, draws: int) -> tuple[Array, ...]:
    return tuple(_tallies(units, draws))
