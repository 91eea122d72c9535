"""What an interval costs: 1,000 bootstrap draws of 10,000 rows, or DeLong's formula, on one core.

Each is timed beside a floor of plain NumPy: drawing the same 10,000,000 row numbers. Run:
`python -m benchmarks.intervals [--quick] [--json FILE]`.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # before NumPy is imported, or it is too late

import statistics  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
from benchmarks.measures import Measure, main, ratio_of_pairs, timed  # noqa: E402

from labrun.grading.bootstrap import DRAWS  # noqa: E402
from labrun.grading.metric import METRICS  # noqa: E402
from labrun.grading.pairs import Takes  # noqa: E402

ROWS = 10_000
HALF, MOSTLY = 0.5, 0.7
RUNS, QUICK_RUNS = 5, 1
LIMIT_SECONDS = 0.3
NAMED = ("accuracy", "macro_f1", "rmse", "roc_auc")  # those that the promise is about
GROWTH = 100  # times as many rows, for DeLong: n log n is some 130 times the work, n squared 10,000
GROWTH_LIMIT = 400


def samples(rows: int) -> dict[Takes, tuple[Any, Any]]:
    """Return truth and predictions for each kind of metric; few ties, five classes."""
    rng = np.random.default_rng(7)
    binary = rng.integers(0, 2, rows)
    score = np.clip(0.3 * binary + 0.7 * rng.random(rows), 0, 1)
    classes = rng.integers(0, 5, rows)
    told = np.where(rng.random(rows) < MOSTLY, classes, rng.integers(0, 5, rows))
    number = rng.gamma(2, size=rows)
    return {
        Takes.LABELS: (classes, told),
        Takes.CLUSTERS: (classes, told),
        Takes.SCORES: (binary, score),
        Takes.PROBABILITIES: (binary, score),
        Takes.DECISIONS: (binary, (score > HALF).astype(int)),
        Takes.NUMBERS: (number, np.abs(number + rng.normal(size=rows))),
    }


def floor() -> None:
    """Draw as many row numbers as a bootstrap does."""
    rng = np.random.default_rng(1)
    for _ in range(DRAWS):
        rng.integers(0, ROWS, ROWS)


def measure(*, quick: bool) -> list[Measure]:
    """Return seconds and ratios of every metric, of rows on their own and of clusters."""
    runs = QUICK_RUNS if quick else RUNS
    made, groups = samples(ROWS), np.arange(ROWS) % 300
    found = []
    for metric_name, metric in METRICS.all().items():
        pair = metric.pair(*made[metric.takes])
        for kind, clusters in (("rows", None), ("clusters", groups)):
            pairs = []
            for _ in range(runs):
                took = timed(lambda m=metric, p=pair, g=clusters: m.estimate(p, groups=g))  # type: ignore[misc]
                pairs.append((took, timed(floor)))
            title = f"interval of {metric_name}, {kind}"
            limit = LIMIT_SECONDS if metric_name in NAMED else None
            seconds = statistics.median(took for took, _ in pairs)
            found.append(Measure(title, seconds, "s", limit))
            found.append(Measure(title, ratio_of_pairs(pairs), "ratio", note="to drawing the rows"))
    return [*found, growth(runs)]


def growth(runs: int) -> Measure:
    """Return how many times longer DeLong's interval takes on 100 times the rows."""
    metric = METRICS["roc_auc"]
    small, large = (metric.pair(*samples(n)[Takes.SCORES]) for n in (ROWS, ROWS * GROWTH))
    pairs = [
        (timed(lambda: metric.estimate(large)), timed(lambda: metric.estimate(small)))
        for _ in range(runs)
    ]
    ratio = ratio_of_pairs(pairs)
    note = f"{ROWS * GROWTH:,} rows to {ROWS:,}"
    return Measure("DeLong, 100 times the rows", ratio, "ratio", GROWTH_LIMIT, note=note)


if __name__ == "__main__":
    main(measure)
