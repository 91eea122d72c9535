"""A result as the metrics, params and tags of a run."""

import math
from collections import Counter

from labrun.domain.grade import Estimate
from labrun.domain.result import CheckInfo, Result

MOST_TEXT = 500
SUBMISSION = "labrun.submission"
SUPERSEDES = "labrun.supersedes"
SUPERSEDES_RUN = "labrun.supersedes_run"
SUPERSEDED_BY = "labrun.superseded_by"


def metrics(result: Result) -> dict[str, float]:
    """Return the numbers that runs are compared by, without those that are none."""
    found = {} if result.seconds is None else {"seconds": result.seconds}
    if result.score is not None:
        found["score"] = result.score
    for name, estimate in _estimates(result).items():
        found |= {
            name: estimate.value,
            f"{name}.low": estimate.low,
            f"{name}.high": estimate.high,
        }
    for phase in result.phases:
        if phase.seconds is not None:
            found[f"phase.{phase.name}.seconds"] = phase.seconds
        if phase.memory_mb is not None:
            found[f"phase.{phase.name}.memory_mb"] = phase.memory_mb
    peaks = [phase.memory_mb for phase in result.phases if phase.memory_mb is not None]
    if peaks:
        found["memory_peak_mb"] = max(peaks)
    return {name: number for name, number in found.items() if math.isfinite(number)}


def params(result: Result) -> dict[str, str]:
    """Return what would have to be the same for two runs to be comparable."""
    return {
        "lab.version": plain(result.lab.version),
        "grader.version": plain(result.grader.version),
        "sandbox": plain(result.grader.sandbox),
        "image": plain(result.grader.image or "none"),
        "image.digest": plain(result.grader.image_digest or "none"),
        "pass_score": f"{result.pass_score:g}",
    }


def tags(result: Result) -> dict[str, str]:
    """Return what runs are found by."""
    sent, attempt = result.submission, result.attempt
    found = {
        SUBMISSION: sent.id,
        "labrun.learner": sent.learner,
        "labrun.verdict": result.verdict,
        "labrun.status": result.status,
        "labrun.attempt": None if attempt.number is None else str(attempt.number),
        "labrun.counted": str(attempt.counted).lower(),
        "labrun.official": str(result.official).lower(),
        "labrun.split": result.split,
        "labrun.mode": result.mode,
        "labrun.failed_gates": ", ".join(result.failed_gates),
        "labrun.sha256": sent.sha256,
        "labrun.lab_digest": result.lab.digest,
        SUPERSEDES: result.supersedes,
        "labrun.regrade": result.regrade.id if result.regrade else None,
        "labrun.regrade_reason": result.regrade.reason if result.regrade else None,
        "labrun.message": sent.message,
        "mlflow.source.git.commit": sent.commit,
        "mlflow.source.name": f"labrun/{result.lab.slug}",
        "mlflow.user": sent.learner,
    }
    return {name: plain(value) for name, value in found.items() if value}


def run_name(result: Result) -> str:
    """Return a name that tells the runs of one learner apart."""
    number = result.attempt.number
    again = f" regraded {result.regrade.number - 1}" if result.regrade else ""
    return plain(result.submission.learner, 60) + (f" {number}" if number else "") + again


def plain(text: str, most: int = MOST_TEXT) -> str:
    """Return ``text`` without control and bidi characters, on one line, bounded."""
    shown = "".join(each if each.isprintable() else " " for each in text[: 4 * most])
    return " ".join(shown.split())[:most]


def _estimates(result: Result) -> dict[str, Estimate]:
    """Return the estimates by metric; by metric and check where two checks share a metric."""
    measured: list[tuple[CheckInfo, Estimate]] = [
        (check, check.estimate) for check in result.checks if check.estimate
    ]
    shared = Counter(estimate.metric for _, estimate in measured)
    return {
        plain(
            estimate.metric if shared[estimate.metric] == 1 else f"{estimate.metric}.{check.id}"
        ): (estimate)
        for check, estimate in measured
    }
