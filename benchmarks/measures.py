"""What benchmarks find, how it is judged and how it is compared: arithmetic only.

A time says nothing across machines, nor across hours of one machine. What is judged is a ratio of
two times of one run, taken side by side, or a size. Seconds are shown, and judged by nobody.
"""

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

Unit = Literal["ratio", "MB", "ms", "s"]
JUDGED: tuple[Unit, ...] = ("ratio", "MB")
MOVED = 1.2  # a ratio this many times the last one is news: less is noise on a shared machine


@dataclass(frozen=True)
class Measure:
    """One finding; ``limit`` is what was promised of it, ``better`` which way is good.

    ``note`` says what it is a ratio to, and what else a reader must know.
    """

    name: str
    value: float
    unit: Unit
    limit: float | None = None
    better: Literal["lower", "higher"] = "lower"
    note: str = ""

    @property
    def within(self) -> bool | None:
        """Return whether the limit is kept; None without one."""
        if self.limit is None:
            return None
        return self.value <= self.limit if self.better == "lower" else self.value >= self.limit

    @property
    def judged(self) -> bool:
        """Return whether the limit holds on any machine."""
        return self.unit in JUDGED and self.limit is not None

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        """Return a measure as `asdict` wrote it."""
        return cls(**body)


@dataclass(frozen=True)
class Move:
    """How far a measure moved since an earlier run: ``by`` above 1 is worse, 1 is the same."""

    name: str
    before: float
    now: float
    by: float

    @property
    def word(self) -> str:
        """Return better, worse or same."""
        if self.by >= MOVED:
            return "worse"
        return "better" if self.by <= 1 / MOVED else "same"


def ratio_of_pairs(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the median over (seconds, floor) pairs of seconds / floor.

    The median of ratios, not the ratio of medians: each pair was taken within one breath, so a
    machine that slows down for a while slows both.
    """
    if not pairs:
        msg = "a ratio needs a pair"
        raise ValueError(msg)
    return statistics.median(seconds / floor for seconds, floor in pairs)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that ``share`` of the values do not exceed (nearest rank)."""
    if not values or not 0 < share <= 1:
        msg = f"no quantile {share} of {len(values)} values"
        raise ValueError(msg)
    return sorted(values)[math.ceil(share * len(values)) - 1]


def judge(measures: Iterable[Measure]) -> list[Measure]:
    """Return the measures that do not keep a limit that holds on any machine."""
    return [each for each in measures if each.judged and not each.within]


def compare(now: Iterable[Measure], before: Iterable[Measure]) -> list[Move]:
    """Return how ratios and sizes that both runs have moved; seconds are not compared."""
    known = {(each.name, each.unit): each for each in before}
    moves = []
    for each in now:
        old = known.get((each.name, each.unit))
        if old is None or each.unit not in JUDGED:
            continue
        worse, good = (each, old) if each.better == "lower" else (old, each)
        by = worse.value / good.value if good.value else math.inf
        moves.append(Move(each.name, old.value, each.value, by))
    return moves


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds ``work`` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def as_json(measures: Iterable[Measure], **others: object) -> str:
    """Return measures, and what else there is to say, as JSON."""
    body = {**others, "measures": [asdict(each) for each in measures]}
    return json.dumps(body, indent=2) + "\n"


def from_json(text: str) -> list[Measure]:
    """Return the measures that `as_json` wrote."""
    return [Measure.read(each) for each in json.loads(text)["measures"]]


def table(measures: Iterable[Measure]) -> str:
    """Return a line a measure: name, value, limit, and whether it is kept."""
    lines = []
    for each in measures:
        limit = "" if each.limit is None else f"{_sign(each)} {each.limit:g}"
        kept = {None: "", True: "ok", False: "OVER" if each.better == "lower" else "UNDER"}
        said = kept[each.within] if each.judged else (each.within is False and "(over)") or ""
        lines.append(f"{each.name:<58} {each.value:>9.3f} {each.unit:<5} {limit:<9} {said}")
    return "\n".join(line.rstrip() for line in lines)


def _sign(measure: Measure) -> str:
    return "<=" if measure.better == "lower" else ">="


def main(measure: Callable[..., list[Measure]], words: Sequence[str] | None = None) -> None:
    """Run one benchmark as a command: `--quick` and `--json FILE`."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs: does it work at all?")
    parser.add_argument("--json", type=Path, help="write the measures to this file")
    chosen = parser.parse_args(words)
    found = measure(quick=chosen.quick)
    print(table(found))
    if chosen.json:
        chosen.json.write_text(as_json(found, quick=chosen.quick), encoding="utf-8")
