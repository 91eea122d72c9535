"""Graded submissions as a tracker is told of them."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from labrun.domain.evidence import Ending
from labrun.domain.grade import Estimate, Outcome, Verdict
from labrun.domain.leaderboard import Board, Standing
from labrun.domain.result import (
    AttemptInfo,
    CheckInfo,
    DataInfo,
    Environment,
    GraderInfo,
    LabInfo,
    PhaseInfo,
    Result,
    Status,
    SubmissionInfo,
)

RECEIVED = datetime(2025, 3, 4, 14, 0, tzinfo=UTC)
AUC = Estimate(
    metric="roc_auc",
    value=0.861,
    low=0.84,
    high=0.88,
    level=0.95,
    method="DeLong",
    n=1470,
    direction="higher",
    mark=0.85,
)


def check(name: str, estimate: Estimate | None) -> CheckInfo:
    return CheckInfo(
        id=name, type="threshold", title=name, outcome=Outcome.PASSED, points=30, of=30,
        gate=False, rationale="found", reveal="all", estimate=estimate,
    )  # fmt: skip


def phase(name: str, seconds: float, memory: float | None) -> PhaseInfo:
    return PhaseInfo(name=name, ending=Ending.DONE, seconds=seconds, memory_mb=memory)


@pytest.fixture
def result() -> Result:
    fields: dict[str, Any] = {
        "official": True,
        "split": "hidden",
        "submission": SubmissionInfo(
            id="a41d7e",
            sha256="a" * 64,
            files=("solution.py",),
            bytes=10,
            learner="ada",
            received=RECEIVED,
            commit="9f1c2d3",
        ),
        "lab": LabInfo(slug="c02-credit", version="1.0.0", title="Decide", digest="d" * 64),
        "grader": GraderInfo(
            version="0.1.0", sandbox="docker", image="cpu", image_digest="sha256:1234"
        ),
        "data": (DataInfo(id="credit", sha256="f" * 64),),
        "environment": Environment(arch="x86_64", cpus=2),
        "status": Status.GRADED,
        "verdict": Verdict.PASSED,
        "score": 81.0,
        "pass_score": 70,
        "phases": (phase("fit", 2.1, 212), phase("predict", 0.3, None)),
        "checks": (check("contract", None), check("auc", AUC)),
        "attempt": AttemptInfo(number=2, max=5, left=3, counted=True, why="graded"),
        "seconds": 6.2,
    }
    return Result(**fields)


@pytest.fixture
def board() -> Board:
    standing = Standing(
        rank=1, learner="ada", submission="a41d7e", verdict=Verdict.PASSED, score=81, estimate=AUC,
        received=RECEIVED, submissions=2,
    )  # fmt: skip
    return Board(
        lab="c02-credit",
        title="Decide under cost",
        metric="roc_auc",
        official=(standing,),
        unofficial=(standing.model_copy(update={"learner": "eve"}),),
    )


@pytest.fixture(autouse=True)
def environment_kept() -> Iterator[None]:
    """Undo the settings that MLflow's own setters leave in the environment."""
    before = {name: text for name, text in os.environ.items() if name.startswith("MLFLOW_")}  # noqa: TID251
    yield
    for name in [name for name in os.environ if name.startswith("MLFLOW_")]:  # noqa: TID251
        del os.environ[name]  # noqa: TID251
    os.environ.update(before)  # noqa: TID251
