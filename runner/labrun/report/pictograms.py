"""Where marks and bars stand in the small pictures of a page, in hundredths of their width."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from labrun.domain.grade import Estimate
from labrun.domain.result import PhaseInfo
from labrun.report import wording

MARGIN = 0.12


@dataclass(frozen=True)
class Interval:
    """An estimate against its mark; ``good`` is the stretch that earns something.

    ``others`` are the lab's own submissions, baseline and reference, where they are known.
    """

    value: float
    low: float
    high: float
    mark: float | None
    full: float | None
    good: tuple[float, float] | None
    words: str
    others: tuple[float, ...] = ()


@dataclass(frozen=True)
class Bar:
    """One phase on the clock of the whole run."""

    queued: float
    start: float
    width: float
    memory: float | None


def interval(
    estimate: Estimate, baseline: float | None = None, reference: float | None = None
) -> Interval | None:
    """Return the picture of ``estimate``, or None where it holds no number to draw."""
    marks = [mark for mark in (estimate.mark, estimate.full) if mark is not None]
    others = [other for other in (baseline, reference) if other is not None]
    numbers = [estimate.value, estimate.low, estimate.high, *marks, *others]
    if not all(math.isfinite(number) for number in numbers):
        return None
    room = (max(numbers) - min(numbers)) * MARGIN or 1.0
    start, width = min(numbers) - room, max(numbers) - min(numbers) + 2 * room

    def at(number: float) -> float:
        return round(100 * (number - start) / width, 2)

    mark = None if estimate.mark is None else at(estimate.mark)
    good = None
    if mark is not None:
        good = (0.0, mark) if wording.less_is_better(estimate) else (mark, 100.0)
    return Interval(
        value=at(estimate.value),
        low=at(estimate.low),
        high=at(estimate.high),
        mark=mark,
        full=None if estimate.full is None else at(estimate.full),
        good=good,
        words=_words(estimate),
        others=tuple(at(other) for other in others),
    )


def _words(estimate: Estimate) -> str:
    text = f"{wording.value(estimate)}, {estimate.level:.0%} interval {wording.interval(estimate)}"
    if estimate.mark is None:
        return text
    name = "mark" if estimate.full is None else "points from"
    text += f", {name} {wording.mark(estimate)}"
    return text if estimate.full is None else f"{text}, full marks from {wording.full(estimate)}"


def waterfall(phases: Sequence[PhaseInfo]) -> list[Bar]:
    """Return one bar a phase, each beginning where the one before ended."""
    total = sum(phase.queued_seconds + (phase.seconds or 0) for phase in phases) or 1.0
    bars, clock = [], 0.0
    for phase in phases:
        start = clock + phase.queued_seconds
        bars.append(
            Bar(
                queued=round(100 * clock / total, 2),
                start=round(100 * start / total, 2),
                width=round(max(100 * (phase.seconds or 0) / total, 0.5), 2),
                memory=_share(phase),
            )
        )
        clock = start + (phase.seconds or 0)
    return bars


def _share(phase: PhaseInfo) -> float | None:
    if phase.memory_mb is None or not phase.memory_limit_mb:
        return None
    return round(min(100 * phase.memory_mb / phase.memory_limit_mb, 100), 2)
