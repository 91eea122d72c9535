"""Climb a leaderboard without learning anything, as Blum and Hardt (ICML 2015) describe.

Random answers are handed in; those that were shown to be good are combined by majority vote. The
combination looks better than it is, as the votes were chosen by the very rows it is measured on.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labrun import wire
from labrun.app.bench import Bench
from labrun.app.shown import judge_told
from labrun.domain.evidence import Ending, Evidence, PhaseResult
from labrun.domain.lab import Lab
from labrun.domain.leaderboard import Shown
from labrun.domain.submission import Submission
from labrun.grading.grader import Grader
from labrun.store.prepared import Prepared

pytestmark = pytest.mark.slow

Array = np.ndarray[Any, Any]
ROWS = 2000
TRIES = 300
HONEST = 0.5  # what any answer is worth that does not know the labels
NOBODY = Submission(lab="climb", files={"solution.py": b""})


class Climb:
    """A lab of random labels, and a learner who hands in predictions and sees what is shown."""

    def __init__(self, folder: Path, seed: int, *, ladder: bool, feedback: float | None) -> None:
        self.rng = np.random.default_rng(seed)
        self.bench = _bench(folder, self.rng, ladder=ladder, feedback=feedback)
        self.before: dict[str, Shown] = {}
        self.evidence: dict[str, Evidence] = {}
        self.handed_in = 0

    def guess(self) -> Array:
        return self.rng.integers(0, 2, ROWS)

    def hand_in(self, answer: Array) -> float:
        """Return the value the learner is shown, by way of everything a real submission passes."""
        self.handed_in += 1
        name = f"{self.handed_in:026d}"
        phase = PhaseResult(phase="predict", ending=Ending.DONE, output=wire.to_bytes(answer))
        evidence = Evidence(
            lab="climb",
            submission=f"{self.handed_in:064x}",
            split="hidden",
            seed=0,
            phases=(phase,),
        )
        self.evidence[name] = evidence
        told = judge_told(
            self.bench,
            NOBODY,
            evidence,
            id=name,
            before=self.before,
            load=self.evidence.__getitem__,
        )
        for each in told.shown:
            self.before[each.check] = each.model_copy(update={"evidence": each.submission})
        estimate = told.grade.results[0].finding.estimate
        assert estimate is not None
        return estimate.value


def _bench(
    folder: Path, rng: np.random.Generator, *, ladder: bool, feedback: float | None
) -> Bench:
    private = folder / "private"
    private.mkdir()
    labels, keys = rng.integers(0, 2, ROWS), rng.permutation(ROWS)
    (private / "truth.csv").write_text("label\n" + "\n".join(map(str, labels)) + "\n")
    (private / "features.csv").write_text("x\n" + "\n".join(map(str, keys)) + "\n")
    tables = {f"private/{name}.csv": "0" * 64 for name in ("truth", "features")}
    lab = Lab.model_validate(
        {
            "schema": "labrun/v1",
            "slug": "climb",
            "version": "1.0.0",
            "title": "Climb",
            "track": "core",
            "minutes": 1,
            "submission": {"require": ["solution.py"]},
            "phases": [{"name": "predict", "call": "solution:predict", "input": "features"}],
            "checks": [
                {
                    "id": "accuracy",
                    "type": "threshold",
                    "metric": "accuracy",
                    "decision": {"rule": "point", "at": 0.9},
                    "points": 1,
                }
            ],
            "grading": {"feedback": feedback} if feedback else {},
            "leaderboard": {"check": "accuracy", "step": "ladder" if ladder else "none"},
        }
    )
    sandbox: Any = None  # nothing is run
    data = Prepared(name="climb", digest="0" * 64, root=folder, tables=tables)
    return Bench(
        folder=folder,
        whole=lab,
        lab=lab,
        digest="d",
        split="hidden",
        data=data,
        sandbox=sandbox,
        grader=Grader(lab),
    )


def better_than_chance(shown: float, _best: float) -> bool:
    """Keep what looks better than a coin: the strongest, where each value is shown."""
    return shown > HONEST


def better_than_before(shown: float, best: float) -> bool:
    """Keep what raised what is shown."""
    return shown > best


def majority(climb: Climb, keep: Callable[[float, float], bool]) -> tuple[float, Array]:
    """Return the best that was ever shown, and the answer that the votes make."""
    best, kept = -np.inf, [climb.guess()]
    for _ in range(TRIES - 1):
        answer = climb.guess()
        shown = climb.hand_in(answer)
        if keep(shown, best):
            kept.append(answer)
        best = max(best, shown)
    combined = (np.mean(kept, axis=0) > HONEST).astype(int)
    return max(best, climb.hand_in(combined)), combined


def errors(gain: float, rows: float) -> float:
    return gain / float(np.sqrt(HONEST**2 / rows))


@pytest.mark.parametrize("keep", [better_than_chance, better_than_before])
@pytest.mark.parametrize("feedback", [None, 0.5])
def test_300_random_submissions_do_not_climb_a_ladder(
    tmp_path: Path, keep: Callable[[float, float], bool], feedback: float | None
) -> None:
    climb = Climb(tmp_path, 1, ladder=True, feedback=feedback)
    best, _ = majority(climb, keep)
    assert climb.handed_in == TRIES
    assert errors(best - HONEST, ROWS * (feedback or 1)) <= 2


def test_without_a_ladder_they_climb_far(tmp_path: Path) -> None:
    best, _ = majority(Climb(tmp_path, 1, ladder=False, feedback=None), better_than_chance)
    assert errors(best - HONEST, ROWS) > 6
