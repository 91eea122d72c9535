"""Run every benchmark, one after the other: `python -m benchmarks.run`, or `make bench`.

Writes `.cache/bench/<time>.json` and a picture of the same name, compares with the last run of the
same length, and judges by ratios taken within this one run (see `measures.py`). Exit code 1 where a
limit is not kept. Run it on a machine that does nothing else.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.drawing import bars
from benchmarks.labs import ROOT
from benchmarks.measures import Measure, as_json, compare, from_json, judge, table

ALL = ("start", "intervals", "leaderboard", "warm", "overhead", "throughput")
KEPT = ROOT / ".cache" / "bench"


def run(name: str, *, quick: bool) -> list[Measure]:
    """Return what one benchmark finds, run in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "found.json"
        command = [sys.executable, "-m", f"benchmarks.{name}", "--json", str(path)]
        subprocess.run([*command, *(["--quick"] if quick else [])], check=True, cwd=ROOT)
        return from_json(path.read_text(encoding="utf-8"))


def last(folder: Path, *, quick: bool) -> Path | None:
    """Return the JSON of the last run of the same length."""
    for path in sorted(folder.glob("*.json"), reverse=True):
        if json.loads(path.read_text(encoding="utf-8"))["quick"] is quick:
            return path
    return None


def main() -> int:
    """Run what is named, or all; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="*", help=f"one of: {', '.join(ALL)}; all if none is named")
    parser.add_argument("--quick", action="store_true", help="fewer runs: does it work at all?")
    parser.add_argument("--out", type=Path, default=KEPT, help="where runs are kept")
    chosen = parser.parse_args()
    if unknown := set(chosen.name) - set(ALL):
        parser.error(f"there is no benchmark called {', '.join(sorted(unknown))}")
    found: list[Measure] = []
    for name in chosen.name or ALL:
        print(f"== {name}", flush=True)
        found += run(name, quick=chosen.quick)
    chosen.out.mkdir(parents=True, exist_ok=True)
    before = last(chosen.out, quick=chosen.quick)
    path = chosen.out / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    path.write_text(as_json(found, quick=chosen.quick), encoding="utf-8")
    path.with_suffix(".svg").write_text(bars(found), encoding="utf-8")
    print(f"\nkept  {path}  and  {path.with_suffix('.svg').name}")
    if before:
        _tell_moves(found, before)
    over = judge(found)
    print("\nlimits not kept:" if over else "\nevery limit on a ratio or a size is kept")
    print(table(over))
    return 1 if over else 0


def _tell_moves(found: list[Measure], before: Path) -> None:
    moves = compare(found, from_json(before.read_text(encoding="utf-8")))
    print(f"\nagainst {before.name}:")
    for move in moves:
        if move.word != "same":
            print(f"  {move.word:<7} {move.name}: {move.before:.3f} -> {move.now:.3f}")
    print(f"  {sum(move.word == 'same' for move in moves)} of {len(moves)} about the same")


if __name__ == "__main__":
    sys.exit(main())
