"""The floor: the same fit and predict as plain Python, a process of its own that grades nothing.

Where the host lacks what the lab needs (torch), plain Python runs in a container of the lab's
image that is already up, and says itself how long its child took: the engine's part is left out.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from benchmarks.labs import PHASES, ROOT, tables_of

SCRIPT = """
import sys, pandas as pd
sys.path.insert(0, sys.argv[1])
import solution
read = lambda paths: [pd.read_csv(path) for path in paths.split(",")]
model = solution.fit(*read(sys.argv[2]))
getattr(solution, sys.argv[4])(model, *read(sys.argv[3]))
"""
TIMER = """
import subprocess, sys, time
started = time.perf_counter()
subprocess.run([sys.executable, "-P", *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL)
print(time.perf_counter() - started)
"""
DOCKER = ("docker",)
HERE = "/tmp/plain"  # noqa: S108  (inside a container of our own)


class Floor(Protocol):
    """Runs the floor once; returns its seconds, process start included."""

    def __call__(self) -> float:
        """Run it."""


def words(lab: str, tables: Path, *, code: str, seen_at: str) -> list[str]:
    """Return what follows `python -P` to run the floor of a lab; ``seen_at`` is ``tables``."""
    train, features, call = PHASES[lab]
    at = tables_of(lab, tables)
    paths = (",".join(f"{seen_at}/{at[name]}" for name in names) for names in (train, features))
    return ["-c", SCRIPT, code, *paths, call]


@contextmanager
def floor_of(lab: str, tables: Path, image: str) -> Iterator[Floor]:
    """Give the floor of a lab whose prepared tables are in ``tables``."""
    if image != "torch" or _has_torch():
        code = str(ROOT / "labs" / lab / "solution")
        command = [sys.executable, "-P", *words(lab, tables, code=code, seen_at=str(tables))]
        yield lambda: _seconds(command)
        return
    with _container(lab, tables, f"labrun/{image}") as name:
        inside = words(lab, tables, code=f"{HERE}/code", seen_at=f"{HERE}/tables")
        command = [*DOCKER, "exec", name, "python3", "-c", TIMER, *inside]
        yield lambda: float(subprocess.run(command, check=True, capture_output=True).stdout)


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _has_torch() -> bool:
    done = subprocess.run([sys.executable, "-c", "import torch"], check=False, capture_output=True)
    return done.returncode == 0


@contextmanager
def _container(lab: str, tables: Path, image: str) -> Iterator[str]:
    up = [*DOCKER, "run", "-d", "--rm", "--user", "0", "--network", "none"]
    up += ["--entrypoint", "sleep", image, "3600"]
    name = subprocess.run(up, check=True, capture_output=True, text=True).stdout.strip()
    try:
        subprocess.run([*DOCKER, "exec", name, "mkdir", HERE], check=True)
        for source, to in ((ROOT / "labs" / lab / "solution", "code"), (tables, "tables")):
            copy = [*DOCKER, "cp", "-q", str(source), f"{name}:{HERE}/{to}"]
            subprocess.run(copy, check=True)
        yield name
    finally:
        subprocess.run([*DOCKER, "kill", name], check=False, capture_output=True)
