"""How long the command takes to start, as a ratio to Python itself, paired run by run."""

import json
import statistics
import subprocess
import sys
import time

RUNS = 15
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


def measure() -> dict[str, float]:
    """Return the median ratio of each command to the floor that ran just before it."""
    found = {}
    for name, command in COMMANDS.items():
        seconds(command)  # once to warm the file cache
        ratios = []
        for _ in range(RUNS):
            floor = seconds(FLOOR)
            ratios.append(seconds(command) / floor)
        found[name] = round(statistics.median(ratios), 2)
    return found


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
