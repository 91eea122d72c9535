"""How long the command takes to start, as a ratio to Python itself, paired run by run.

Run: `python -m benchmarks.start [--quick] [--json FILE]`.
"""

import subprocess
import sys
import time

from benchmarks.measures import Measure, main, ratio_of_pairs

RUNS, QUICK_RUNS = 15, 3
LIMITS = {"labrun --help": 4, "labrun status": 25}
COMMANDS = {
    "labrun --help": [sys.executable, "-P", "-m", "labrun", "--help"],
    "labrun --version": [sys.executable, "-P", "-m", "labrun", "--version"],
    "labrun status": [sys.executable, "-P", "-m", "labrun", "status"],
}
FLOOR = [sys.executable, "-P", "-c", "pass"]


def seconds(command: list[str]) -> float:
    """Return the wall time of one run."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def measure(*, quick: bool) -> list[Measure]:
    """Return the median ratio of each command to the floor that ran just before it."""
    found = []
    for name, command in COMMANDS.items():
        seconds(command)  # once to warm the file cache
        pairs = []
        for _ in range(QUICK_RUNS if quick else RUNS):
            floor = seconds(FLOOR)
            pairs.append((seconds(command), floor))
        note = "to python -c pass"
        found.append(Measure(name, ratio_of_pairs(pairs), "ratio", LIMITS.get(name), note=note))
    return found


if __name__ == "__main__":
    main(measure)
