"""Where labs, their tables and a throw-away home are, and how labrun is started on them."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labrun.sandbox.pool import ask

ROOT = Path(__file__).resolve().parent.parent
LABRUN = (sys.executable, "-P", "-m", "labrun")
SETTLE_SECONDS = 60.0
VERDICT = "score "  # how the line with the verdict begins
# What plain Python is given, and what it calls after fit.
PHASES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "c02-credit-cost": (("train",), ("features",), "predict_proba"),
    "p01-flight-delays": (
        ("train", "weather", "planes"),
        ("features", "weather", "planes"),
        "predict_proba",
    ),
    "d03-debug-training": (("train",), ("features",), "predict"),
}
IMAGES = {"c02-credit-cost": "cpu", "p01-flight-delays": "cpu", "d03-debug-training": "torch"}
DATA = {
    "c02-credit-cost": "credit",
    "p01-flight-delays": "flights",
    "d03-debug-training": "letters",
}


@dataclass(frozen=True)
class Submitted:
    """One `labrun submit`: seconds until its verdict was on stdout, and until it ended."""

    verdict: float
    end: float
    id: str


def environment(home: Path, **others: str) -> dict[str, str]:
    """Return the environment of a command: this one's, with a home of its own."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("LABRUN_")}
    return plain | {"LABRUN_HOME": str(home), "LABRUN_LABS": str(ROOT / "labs")} | others


def prepared(lab: str, home: Path) -> Path:
    """Return the folder of the prepared tables of a lab; something must have been submitted."""
    return next((home / "data" / DATA[lab]).glob("*/private")).parent


def tables_of(lab: str, tables: Path) -> dict[str, str]:
    """Return the path of each table below ``tables``: the hidden one where there are two."""
    train, features, _ = PHASES[lab]
    private = {path.stem for path in (tables / "private").glob("*.csv")}
    folder = {True: "private", False: "public"}
    return {name: f"{folder[name in private]}/{name}.csv" for name in {*train, *features}}


def changed_copy(lab: str, folder: Path, mark: str) -> Path:
    """Return a copy of the reference solution whose bytes no submission had before."""
    shutil.copytree(ROOT / "labs" / lab / "solution", folder)
    with (folder / "solution.py").open("a") as file:
        file.write(f"\n# {mark}\n")
    return folder


def submit(lab: str, code: Path, home: Path, **settings: str) -> Submitted:
    """Hand in; the clock starts before the process does. Stop where it does not pass."""
    command = [*LABRUN, "submit", str(code), "--lab", lab]
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(home, **settings),
    )
    assert process.stdout is not None  # noqa: S101  (it is a pipe)
    verdict, lines = 0.0, []
    for line in process.stdout:
        lines.append(line)
        if not verdict and line.startswith(VERDICT):
            verdict = time.perf_counter() - started
    _, said = process.communicate()
    ended = time.perf_counter() - started
    if process.returncode != 0 or not verdict:
        sys.exit("".join(lines) + said)
    title = next(line for line in lines if line.startswith("lab "))
    return Submitted(verdict, ended, title.split("submission ", 1)[1].split()[0])


def result_of(submission: str, home: Path) -> dict[str, Any]:
    """Return the kept result of a submission."""
    words = [*LABRUN, "result", submission, "--json"]
    done = subprocess.run(words, check=True, capture_output=True, env=environment(home))
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def settle(home: Path) -> dict[str, Any]:
    """Wait until nothing of this home is at work: containers ready, grades recorded.

    Return what the keeper says of what waits; nothing where there is no keeper.
    """
    _until(lambda: not _pending(home), "grades are not recorded")
    state: dict[str, Any] = {}

    def is_full() -> bool:
        nonlocal state
        state = ask(home, {"do": "state"}) or {}
        return not state or not (state["making"] or state["lent"] or _wanting(state))

    _until(is_full, "the pool does not fill")
    return state


def _wanting(state: dict[str, Any]) -> bool:
    return bool(state["waiting"] < state["wanted"])


def _pending(home: Path) -> int:
    from datetime import UTC, datetime  # noqa: PLC0415  (beside the ledger it is for)

    from labrun.store.ledger import Ledger  # noqa: PLC0415  (not every benchmark has one)

    with Ledger.open(home / "ledger.db", clock=lambda: datetime.now(UTC)) as ledger:
        return len(ledger.pending())


def _until(true: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + SETTLE_SECONDS
    while not true():
        if time.monotonic() > until:
            print(f"warning: {what} within {SETTLE_SECONDS:g} s", file=sys.stderr)
            return
        time.sleep(0.2)


def clean(home: Path) -> None:
    """End the keeper of a home."""
    ask(home, {"do": "empty"})
