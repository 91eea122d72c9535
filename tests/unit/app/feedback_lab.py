"""A lab with rows for feedback and a ladder, and learners whose predictions a test makes up.

Nothing is run: what a container would have returned is put in place of `gather`. All else is real.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from labrun import wire
from labrun.app import submit as submit_module
from labrun.app.bench import Bench, set_up
from labrun.app.progress import Silence
from labrun.app.recover import open_ledger
from labrun.app.settings import Settings
from labrun.app.shown import feedback_part
from labrun.app.submit import Request, submit_on
from labrun.domain.evidence import Ending, Evidence, PhaseResult
from labrun.domain.result import Result
from labrun.domain.submission import Submission

Array = np.ndarray[Any, Any]
ROOT = Path(__file__).parents[3] / "tests/attacks/lab"
LAB = "attack-call"
RAMP = {"rule": "ramp", "floor": 0.5, "full": 0.95}


@dataclass
class Official:
    """A sandbox that counts, in which nothing can run."""

    name: str = "docker"
    official: bool = True
    image_id: str | None = None

    def recipe(self) -> dict[str, str | None]:
        return {}

    def clear(self, label: str, value: str) -> None:
        del label, value

    def close(self) -> None:
        return

    def start(self, limits: Any, *, labels: Mapping[str, str]) -> Any:
        raise NotImplementedError


@dataclass
class Course:
    """One lab, its ledger, and a folder to hand in from."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    feedback: float | None = 0.4
    step: str = "ladder"
    decision: dict[str, Any] = field(default_factory=lambda: dict(RAMP))
    handed_in: int = 0

    def __post_init__(self) -> None:
        self.predictions: dict[str, Array] = {}
        self._write()
        self.read_again()

    def read_again(self) -> None:
        """Grade from now on with the lab as its file says."""
        bench = set_up(self.lab, split="hidden", settings=self.settings, progress=Silence())
        self.bench: Bench = replace(bench, sandbox=Official())
        self.truth: Array = self.bench.tables.columns("truth", "hidden")["y"]

    @property
    def lab(self) -> Path:
        return self.folder / "labs" / LAB

    @property
    def settings(self) -> Settings:
        return Settings(
            home=self.folder / "home", labs=self.folder / "labs", datasets=ROOT / "datasets",
            containers=self.folder, learner="ada", sandbox="process", tracking_uri="",
        )  # fmt: skip

    @property
    def shown(self) -> Array:
        """Return which rows are for feedback."""
        return feedback_part(self.bench)["truth"]

    def close(self, **changes: Any) -> Any:
        from labrun.app.close import close  # noqa: PLC0415  (beside its only use)

        return close(LAB, self.settings.model_copy(update=changes), Silence())

    def noisy(self, size: float, seed: int = 0) -> Array:
        """Return the truth with noise: the more, the worse."""
        noise = np.random.default_rng(seed).normal(size=len(self.truth))
        return self.truth + size * noise

    def hand_in(self, predictions: Array, learner: str = "ada") -> Result:
        self.monkeypatch.setattr(submit_module, "gather", self._gather)
        self.handed_in += 1
        body = f"# number {self.handed_in}\n"
        self.predictions[body] = predictions
        work = self.folder / f"work-{self.handed_in}"
        work.mkdir()
        (work / "solution.py").write_text(body)
        request = Request(lab=self.lab, code=work, learner=learner)
        with open_ledger(self.settings) as ledger:
            done = submit_on(self.bench, request, self.settings, Silence(), ledger=ledger)
        return done.result

    def _write(self) -> None:
        shutil.copytree(ROOT / "labs" / LAB, self.lab)
        path = self.lab / "lab.yaml"
        lab = yaml.safe_load(path.read_text())
        lab["checks"] = [
            {"id": "contract", "type": "schema", "phase": "predict", "gate": True},
            {
                "id": "quality",
                "type": "threshold",
                "metric": "r2",
                "decision": self.decision,
                "points": 100,
            },
        ]
        lab["grading"] = {"pass_score": 70, "feedback": self.feedback}
        lab["leaderboard"] = {"check": "quality", "step": self.step}
        path.write_text(yaml.safe_dump(lab))

    def _gather(self, bench: Bench, submission: Submission, **_: Any) -> Evidence:
        values = self.predictions[submission.files["solution.py"].decode()]
        order = np.random.default_rng(len(self.predictions)).permutation(len(values))
        made = {
            "fit": PhaseResult(phase="fit", ending=Ending.DONE, output=b"model"),
            "predict": PhaseResult(
                phase="predict",
                ending=Ending.DONE,
                output=wire.to_bytes(values[order]),
                order=tuple(int(each) for each in order),
            ),
        }
        return Evidence(
            lab=bench.lab.slug, submission=submission.digest, split="hidden", seed=1,
            phases=tuple(made.values()),
        )  # fmt: skip
