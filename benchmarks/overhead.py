"""What grading costs over plain Python: `labrun submit` beside the same fit and predict.

Each pair runs back to back, so a machine whose speed drifts does not decide. Prints, for each
lab, the floor (fit and predict of the solution as plain Python on the host, imports included), the
wall time of `labrun submit`, the difference, where it goes, and the runner's peak memory. Run:
`python -m benchmarks.overhead [--quick] [--json FILE]`.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measures import Measure, main

ROOT = Path(__file__).resolve().parent.parent
LABS = {"c02-credit-cost": ("features",), "p01-flight-delays": ("features", "weather", "planes")}
TRAIN = {"c02-credit-cost": ("train",), "p01-flight-delays": ("train", "weather", "planes")}
PAIRS, QUICK_PAIRS = 3, 1
PLAIN = """
import sys, pandas as pd
sys.path.insert(0, sys.argv[1])
import solution
read = lambda paths: [pd.read_csv(path) for path in paths.split(",")]
model = solution.fit(*read(sys.argv[2]))
solution.predict_proba(model, *read(sys.argv[3]))
"""
# The command itself, which says at its end how much memory this one process ever held.
RUNNER = """
import atexit, resource, sys
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
atexit.register(lambda: print("peak", peak(), file=sys.stderr))
from labrun.cli.main import main
main()
"""


def plain(lab: str, tables: Path) -> float:
    """Return the wall time of the floor."""
    code = str(ROOT / "labs" / lab / "solution")
    train, features = (
        ",".join(str(_table(tables, name)) for name in names) for names in (TRAIN[lab], LABS[lab])
    )
    started = time.perf_counter()
    subprocess.run([sys.executable, "-P", "-c", PLAIN, code, train, features], check=True)
    return time.perf_counter() - started


def _table(tables: Path, name: str) -> Path:
    private = tables / "private" / f"{name}.csv"
    return private if private.exists() else tables / "public" / f"{name}.csv"


def submit(lab: str, home: Path, number: int) -> tuple[float, dict[str, Any]]:
    """Return the wall time of one cold submission and its result."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        shutil.copytree(ROOT / "labs" / lab / "solution", work)
        (work / "solution.py").open("a").write(f"\n# run {number}\n")
        words = ["submit", str(work), "--lab", lab, "--json"]
        command = [sys.executable, "-P", "-c", RUNNER, *words]
        environment = os.environ | {"LABRUN_HOME": str(home), "LABRUN_LABS": str(ROOT / "labs")}
        environment |= {"LABRUN_LEARNER": f"bench{number}"}
        started = time.perf_counter()
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        took = time.perf_counter() - started
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    memory = int(done.stderr.rsplit("peak ", 1)[1])
    return took, json.loads(done.stdout) | {"memory_mb": memory}


def of_lab(lab: str, home: Path, runs: int) -> dict[str, Any]:
    """Return medians over paired runs."""
    submit(lab, home, 0)  # prepares the data
    dataset = {"c02-credit-cost": "credit", "p01-flight-delays": "flights"}[lab]
    tables = next((home / "data" / dataset).glob("*/private")).parent
    floors: list[float] = []
    totals: list[float] = []
    results: list[dict[str, Any]] = []
    for number in range(1, runs + 1):
        floors.append(plain(lab, tables))
        took, result = submit(lab, home, number)
        totals.append(took)
        results.append(result)
    parts = {
        name: round(statistics.median(each["timings"][name] for each in results), 2)
        for name in results[0]["timings"]
    }
    known = sum(parts.values())
    ratios = [total / floor for total, floor in zip(totals, floors, strict=True)]
    extra = [total - floor for total, floor in zip(totals, floors, strict=True)]
    return {
        "floor_seconds": round(statistics.median(floors), 2),
        "submit_seconds": round(statistics.median(totals), 2),
        "over_the_floor_seconds": round(statistics.median(extra), 2),
        "ratio": round(statistics.median(ratios), 2),
        "where": parts | {"start, reports and MLflow": round(statistics.median(totals) - known, 2)},
        "runner_peak_memory_mb": max(each["memory_mb"] for each in results),
    }


def measure(*, quick: bool) -> list[Measure]:
    """Return the ratio of each lab; where its time goes is printed."""
    with tempfile.TemporaryDirectory() as folder:
        runs = QUICK_PAIRS if quick else PAIRS
        found = {lab: of_lab(lab, Path(folder), runs) for lab in LABS}
    print(json.dumps(found, indent=2))
    note = "the whole command to plain Python, pool as it comes"
    return [
        each
        for lab, told in found.items()
        for each in (
            Measure(f"{lab}, over plain Python", told["ratio"], "ratio", note=note),
            Measure(f"{lab}, memory of the command", told["runner_peak_memory_mb"], "MB"),
        )
    ]


if __name__ == "__main__":
    main(measure)
