"""Realistic results, one for each thing a learner meets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labrun.domain.evidence import Ending, LearnerError
from labrun.domain.grade import Estimate, Fault, Outcome, Plot, Verdict
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


def check(name: str, kind: str, outcome: Outcome, rationale: str, **more: Any) -> CheckInfo:
    fields: dict[str, Any] = {
        "title": name.capitalize(),
        "points": 0,
        "of": 0,
        "gate": False,
        "reveal": "all",
    }
    return CheckInfo(id=name, type=kind, outcome=outcome, rationale=rationale, **{**fields, **more})


def estimate(metric: str, value: float, low: float, high: float, **more: Any) -> Estimate:
    fields: dict[str, Any] = {
        "level": 0.95,
        "method": "bootstrap",
        "n": 1470,
        "direction": "higher",
    }
    return Estimate(metric=metric, value=value, low=low, high=high, **{**fields, **more})


def roc(points: int = 90) -> Plot:
    rate = [step / (points - 1) for step in range(points)]
    return Plot(
        id="roc",
        kind="roc",
        title="ROC curve",
        x_label="false positive rate",
        y_label="true positive rate",
        series={"fpr": tuple(rate), "tpr": tuple(each**0.22 for each in rate)},
    )


def confusion() -> Plot:
    return Plot(
        id="confusion",
        kind="confusion",
        title="Confusion matrix",
        x_label="predicted",
        y_label="true",
        labels=("repaid", "late", "default"),
        series={"counts": (880, 62, 12, 70, 201, 34, 9, 41, 161)},
    )


def calibration() -> Plot:
    predicted = [0.05 + 0.1 * step for step in range(10)]
    return Plot(
        id="calibration",
        kind="calibration",
        title="Calibration",
        x_label="predicted probability",
        y_label="observed share",
        series={
            "predicted": tuple(predicted),
            "observed": tuple(each**1.5 for each in predicted),
            "count": (610, 280, 150, 110, 80, 70, 60, 50, 40, 20),
        },
    )


def predicted_true() -> Plot:
    mean = [60_000 + 35_000 * step for step in range(10)]
    return Plot(
        id="predicted-true",
        kind="predicted-true",
        title="Predicted against true price",
        x_label="predicted",
        y_label="true",
        series={
            "predicted_mean": tuple(mean),
            "true_mean": tuple(each * (0.96 + 0.012 * at) for at, each in enumerate(mean)),
            "true_low": tuple(each * 0.84 for each in mean),
            "true_high": tuple(each * 1.22 for each in mean),
            "count": (46,) * 10,
        },
    )


def residuals() -> Plot:
    edges = [-60_000 + 8_000 * step for step in range(16)]
    return Plot(
        id="residuals",
        kind="residuals",
        title="Residuals",
        x_label="true minus predicted",
        y_label="rows",
        series={
            "left": tuple(edges[:-1]),
            "right": tuple(edges[1:]),
            "count": (1, 3, 9, 22, 41, 66, 90, 84, 60, 38, 20, 12, 8, 4, 2),
        },
    )


def result(**more: Any) -> Result:
    fields: dict[str, Any] = {
        "official": True,
        "split": "hidden",
        "submission": SubmissionInfo(
            id="a41d7e",
            sha256="a41d7e" + "0" * 58,
            files=("solution.py", "features.py", "notes.py"),
            bytes=18_200,
            learner="ada",
            received=RECEIVED,
            message="weigh the classes",
            commit="9f1c2d3",
        ),
        "lab": LabInfo(
            slug="c02-credit-cost", version="1.0.0", title="Decide under cost", digest="d" * 64
        ),
        "grader": GraderInfo(
            version="0.1.0", sandbox="docker", image="cpu", image_digest="sha256:" + "e" * 64
        ),
        "data": (DataInfo(id="credit", sha256="f" * 64),),
        "environment": Environment(arch="x86_64", cpus=2),
        "status": Status.GRADED,
        "pass_score": 70,
        "attempt": AttemptInfo(
            number=2,
            max=5,
            left=3,
            next=RECEIVED + timedelta(minutes=30),
            counted=True,
            why="graded",
        ),
        "seconds": 6.2,
        "timings": {"sandbox": 2.9, "grading": 0.8},
    }
    return Result(**{**fields, **more})


FIT = PhaseInfo(
    name="fit",
    ending=Ending.DONE,
    seconds=2.1,
    cpu_seconds=1.9,
    memory_mb=212,
    memory_limit_mb=1024,
)
PREDICT = PhaseInfo(
    name="predict",
    ending=Ending.DONE,
    queued_seconds=0.2,
    seconds=0.3,
    memory_mb=180,
    memory_limit_mb=1024,
    rows=1470,
)


@pytest.fixture
def gate_failed() -> Result:
    checks = (
        check("contract", "schema", Outcome.PASSED, "predictions for every row", gate=True),
        check(
            "functions",
            "hidden-tests",
            Outcome.PASSED,
            "12 of 14 points",
            points=34.2857,
            of=40,
            help="decide() must move when the cost matrix changes",
        ),
        check(
            "auc",
            "threshold",
            Outcome.PASSED,
            "full marks from 0.850",
            points=30,
            of=30,
            estimate=estimate(
                "roc_auc", 0.8613, 0.8402, 0.8801, method="DeLong", mark=0.77, full=0.85
            ),
        ),
        check(
            "calibration",
            "threshold",
            Outcome.FAILED,
            "the probabilities are too sure of themselves",
            of=20,
            gate=True,
            help="fit a calibrator on rows that the model has not seen",
            estimate=estimate("ece", 0.0812, 0.0689, 0.0941, direction="lower", mark=0.06),
        ),
        check("fair", "probe", Outcome.SKIPPED, 'waits for "calibration"', of=10),
    )
    return result(
        verdict=Verdict.FAILED,
        score=64.29,
        failed_gates=("calibration",),
        phases=(FIT, PREDICT),
        checks=checks,
        plots=(confusion(), roc(), calibration()),
    )


@pytest.fixture
def regression() -> Result:
    checks = (
        check("contract", "schema", Outcome.PASSED, "one number for every row", gate=True),
        check(
            "rmse",
            "threshold",
            Outcome.PASSED,
            "points below 32,000, full marks at 24,000 or less",
            points=43.5,
            of=60,
            estimate=estimate(
                "rmse",
                26_204.3,
                23_911.8,
                28_800.2,
                n=460,
                direction="lower",
                mark=32_000,
                full=24_000,
            ),
        ),
        check(
            "r2",
            "threshold",
            Outcome.PASSED,
            "at least 0.80",
            points=40,
            of=40,
            estimate=estimate("r2", 0.8731, 0.8402, 0.8991, n=460, mark=0.8),
        ),
    )
    return result(
        lab=LabInfo(
            slug="c01-houses", version="1.2.0", title="Price houses honestly", digest="c" * 64
        ),
        verdict=Verdict.PASSED,
        score=83.5,
        phases=(FIT, PREDICT.model_copy(update={"rows": 460})),
        checks=checks,
        plots=(predicted_true(), residuals()),
    )


@pytest.fixture
def crashed() -> Result:
    error = LearnerError(
        type="ValueError",
        message="could not convert string to float: 'unknown'",
        where=("solution.py:14 in fit", "solution.py:31 in encode"),
    )
    fit = FIT.model_copy(
        update={
            "ending": Ending.CRASHED,
            "exit_code": 1,
            "detail": "the code raised an exception",
            "error": error,
            "log": "\n".join(f"reading part {number}" for number in range(30)),
        }
    )
    not_run = PhaseInfo(name="predict", ending=Ending.NOT_RUN, seconds=0, detail="fit did not end")
    return result(
        verdict=Verdict.FAILED,
        score=0,
        failed_gates=("contract",),
        phases=(fit, not_run),
        checks=(
            check(
                "contract",
                "schema",
                Outcome.FAILED,
                "there are no predictions: fit crashed",
                gate=True,
                help="run `labrun check` to see the whole log",
            ),
            check("auc", "threshold", Outcome.SKIPPED, 'waits for "contract"', of=100),
        ),
    )


@pytest.fixture
def public() -> Result:
    return result(
        official=False,
        split="public",
        grader=GraderInfo(version="0.1.0", sandbox="process", image=None, image_digest=None),
        verdict=Verdict.PASSED,
        score=100,
        phases=(FIT.model_copy(update={"log": "epoch 1 loss 0.4"}), PREDICT),
        checks=tuple(
            check(
                f"public-{number}", "hidden-tests", Outcome.PASSED, "2 of 2 points", of=2, points=2
            )
            for number in range(6)
        ),
        hidden_checks=5,
        attempt=AttemptInfo(number=None, max=5, left=3, counted=False, why="a check spends none"),
    )


@pytest.fixture
def lab_at_fault() -> Result:
    return result(
        status=Status.SYSTEM_ERROR,
        fault=Fault.LAB,
        reason="a hidden test did not report",
        attempt=AttemptInfo(number=None, max=5, left=3, counted=False, why="system error"),
        phases=(FIT,),
        checks=(
            check(
                "functions",
                "hidden-tests",
                Outcome.FAILED,
                "the test file could not be read",
                of=40,
                fault=Fault.LAB,
            ),
        ),
    )
