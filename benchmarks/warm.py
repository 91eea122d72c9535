"""How soon a verdict is on the screen: `labrun submit`, warm and cold, against plain Python.

Each run is paired with a run of the floor right before it: the same fit and predict as plain
Python, which grades nothing (see `plain.py`). Process start is included on both sides; the verdict
counts from the moment its line is on stdout. Between runs everything settles: containers wait again
and grades are recorded. Also what a waiting container costs in memory, as its cgroup says. Run:
`python -m benchmarks.warm [--quick] [--json FILE]`.
"""

import json
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.labs import IMAGES, Submitted, changed_copy, clean, prepared, settle, submit
from benchmarks.measures import Measure, main, ratio_of_pairs
from benchmarks.plain import Floor, floor_of

RUNS, QUICK_RUNS = 5, 1
LIMITS = {"c02-credit-cost": 0.6, "p01-flight-delays": 0.6, "d03-debug-training": 0.7}
COLD_LIMITS = {"c02-credit-cost": 1.6, "p01-flight-delays": 1.6}
MEMORY_LIMITS_MB = {"cpu": 90, "torch": 200}
MEGABYTE = 1 << 20
NO_POOL = {"LABRUN_POOL": "0"}


def measure(*, quick: bool) -> list[Measure]:
    """Return ratios of each lab, and megabytes of each image."""
    found: list[Measure] = []
    heavy: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for lab in IMAGES:
            home = Path(folder) / lab  # a pool of its own: the memory is this image's
            try:
                found += of_lab(lab, home, QUICK_RUNS if quick else RUNS)
                heavy[IMAGES[lab]] = max(heavy.get(IMAGES[lab], 0), waiting_mb(home))
            finally:
                clean(home)
    found += [
        Measure(f"memory of a waiting container, {image}", each, "MB", MEMORY_LIMITS_MB[image])
        for image, each in heavy.items()
    ]
    return found


def of_lab(lab: str, home: Path, runs: int) -> list[Measure]:
    """Return what submitting to one lab costs; the first two submissions fill the pool."""
    for number in range(2):
        _hand_in(lab, home, f"first {number}")
    with floor_of(lab, prepared(lab, home), IMAGES[lab]) as floor:
        floor()
        warm = _pairs(floor, lambda n: _hand_in(lab, home, f"warm {n}"), home, runs)
        cold = _pairs(floor, lambda n: _hand_in(lab, home, f"cold {n}", **NO_POOL), home, runs)
    return [
        Measure(f"{lab}, plain Python", statistics.median(each for _, each in warm), "s"),
        *_of_kind(f"{lab}, warm", warm, LIMITS.get(lab)),
        *_of_kind(f"{lab}, cold", cold, COLD_LIMITS.get(lab)),
    ]


def _of_kind(name: str, pairs: list[tuple[Submitted, float]], limit: float | None) -> list[Measure]:
    to = "to plain Python"
    verdict = ratio_of_pairs([(done.verdict, floor) for done, floor in pairs])
    end = ratio_of_pairs([(done.end, floor) for done, floor in pairs])
    return [
        Measure(f"{name}, verdict", verdict, "ratio", limit, note=to),
        Measure(f"{name}, command ends", end, "ratio", note=to),
        Measure(f"{name}, verdict", statistics.median(done.verdict for done, _ in pairs), "s"),
    ]


def _pairs(
    floor: Floor, hand_in: Callable[[int], Submitted], home: Path, runs: int
) -> list[tuple[Submitted, float]]:
    pairs = []
    for number in range(runs):
        settle(home)
        took = floor()
        pairs.append((hand_in(number), took))
    return pairs


def _hand_in(lab: str, home: Path, mark: str, **settings: str) -> Submitted:
    with tempfile.TemporaryDirectory() as folder:
        code = changed_copy(lab, Path(folder) / "work", mark)
        settings |= {"LABRUN_LEARNER": mark.replace(" ", "-")}
        done = submit(lab, code, home, **settings)
    settle(home)
    return done


def waiting_mb(home: Path) -> float:
    """Return the memory of the heaviest container that waits, in megabytes, as the engine says.

    Without what the kernel can take back (file pages not in use), as `docker stats` counts.
    """
    return max((_memory_mb(each) for each in settle(home).get("ids", ())), default=0.0)


def _memory_mb(container: str) -> float:
    asked = ["docker", "stats", "--no-stream", "--format", "{{json .}}", container]
    done = subprocess.run(asked, check=True, capture_output=True, text=True)
    used = str(json.loads(done.stdout)["MemUsage"]).split("/", 1)[0].strip()
    return in_mb(used)


def in_mb(text: str) -> float:
    """Return the megabytes (of 2**20 bytes) that `docker stats` writes as ``71.5MiB``."""
    units = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0, "B": 1 / MEGABYTE}
    unit = next(each for each in units if text.endswith(each))
    return float(text.removesuffix(unit)) * units[unit]


if __name__ == "__main__":
    main(measure)
