"""MLflow: one experiment a lab, one run a graded submission, the leaderboard in its description."""

import contextlib
import logging
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from labrun.domain.result import Result
from labrun.errors import MissingExtraError, TrackerError
from labrun.tracker.base import TRACKERS, TrackerEntry

SUBMISSION_TAG = "labrun.submission"
NOTE_TAG = "mlflow.note.content"
CONNECT_SECONDS = 3.0
TEXT_CHARS = 450  # what every MLflow store takes of a parameter or a tag
NOTE_CHARS = 4900
PORTS = {"http": 80, "https": 443}


@TRACKERS.register("mlflow")
class MlflowTracker:
    """Records through MLflow's client; nothing of MLflow is imported before it is used."""

    def __init__(self, *, uri: str, artifacts: Path | None, ui_url: str) -> None:
        self._uri = uri
        self._artifacts = artifacts
        self._ui_url = ui_url.rstrip("/")
        self._found: Any = None

    def warm_up(self) -> None:
        """See `Tracker.warm_up`."""
        self._client()

    def record(self, entry: TrackerEntry) -> str:
        """See `Tracker.record`."""
        self._reach()
        with _translated(self._uri):
            client = self._client()
            experiment = self._experiment(client, entry.result)
            run = self._run_of(client, experiment, entry.result)
            if run is None:
                run = self._write(client, experiment, entry)
            if entry.board_text:
                client.set_experiment_tag(experiment, NOTE_TAG, entry.board_text[:NOTE_CHARS])
        return f"{self._ui_url}/#/experiments/{experiment}/runs/{run}"

    def runs_url(self, lab: str) -> str:
        """See `Tracker.runs_url`."""
        self._reach()
        with _translated(self._uri):
            found = self._client().get_experiment_by_name(f"labrun/{lab}")
        if found is None:
            msg = f"MLflow has no experiment for lab {lab!r} yet"
            raise TrackerError(msg, help="it is made by the first graded submission")
        order = "orderByKey=metrics.%60score%60&orderByAsc=false"
        return f"{self._ui_url}/#/experiments/{found.experiment_id}/runs?{order}"

    def _client(self) -> Any:
        if self._found is None:
            try:
                from mlflow import MlflowClient  # noqa: PLC0415  (takes seconds to import)
            except ImportError as error:
                msg = "MLflow is not installed"
                raise MissingExtraError(msg, help="run: pip install 'labrun[grade]'") from error
            for name in ("mlflow", "alembic"):
                logging.getLogger(name).setLevel(logging.ERROR)
            self._found = MlflowClient(tracking_uri=self._uri)
        return self._found

    def _reach(self) -> None:
        # MLflow's own client tries for minutes; a server that is away is known at once.
        parts = urlsplit(self._uri)
        if parts.scheme not in PORTS:
            return
        address = (parts.hostname or "", parts.port or PORTS[parts.scheme])
        try:
            socket.create_connection(address, CONNECT_SECONDS).close()
        except OSError as error:
            msg = f"MLflow does not answer at {self._uri}: {error}"
            raise TrackerError(msg, help="start it, then run: labrun record") from error

    def _experiment(self, client: Any, result: Result) -> str:
        kind = "labrun" if result.official else "labrun/practice"
        name = f"{kind}/{result.lab.slug}"
        found = client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        where = None
        if self._artifacts is not None:
            self._artifacts.mkdir(parents=True, exist_ok=True)
            where = (self._artifacts / result.lab.slug / kind.replace("/", "-")).as_uri()
        return str(client.create_experiment(name, artifact_location=where))

    def _run_of(self, client: Any, experiment: str, result: Result) -> str | None:
        wanted = f"tags.`{SUBMISSION_TAG}` = '{result.submission.id}' and tags.`labrun.complete` = 'yes'"
        found = client.search_runs([experiment], filter_string=wanted, max_results=1)
        return str(found[0].info.run_id) if found else None

    def _write(self, client: Any, experiment: str, entry: TrackerEntry) -> str:
        from mlflow.entities import Metric, Param, RunTag  # noqa: PLC0415  (see `_client`)

        result = entry.result
        at = int(result.submission.received.timestamp() * 1000)
        name = f"{result.submission.learner} {result.submission.id[-6:]}"
        run = client.create_run(experiment, start_time=at, run_name=name[:200])
        run_id = str(run.info.run_id)
        client.log_batch(
            run_id,
            metrics=[Metric(key, value, at, 0) for key, value in metrics(result).items()],
            params=[Param(key, value[:TEXT_CHARS]) for key, value in params(result).items()],
            tags=[RunTag(key, value[:TEXT_CHARS]) for key, value in tags(result).items()],
        )
        self._log_data(client, run_id, result)
        self._log_artifacts(client, run_id, entry)
        client.set_tag(run_id, "labrun.complete", "yes")
        client.set_terminated(run_id, end_time=at + int(result.seconds * 1000))
        return run_id

    def _log_data(self, client: Any, run_id: str, result: Result) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag  # noqa: PLC0415  (see `_client`)

        inputs = [
            DatasetInput(
                Dataset(name=each.id, digest=each.sha256[:36], source_type="labrun", source="{}"),
                [InputTag("mlflow.data.context", result.split)],
            )
            for each in result.data
        ]
        if inputs:
            client.log_inputs(run_id, inputs)

    def _log_artifacts(self, client: Any, run_id: str, entry: TrackerEntry) -> None:
        with tempfile.TemporaryDirectory(prefix="labrun-record-") as folder:
            for name, body in entry.artifacts.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
            client.log_artifacts(run_id, folder)


def metrics(result: Result) -> dict[str, float]:
    """Return the numbers of a result: score, estimates with their bounds, seconds and memory."""
    found: dict[str, float] = {"seconds": result.seconds}
    if result.score is not None:
        found["score"] = result.score
    for check in result.checks:
        if check.estimate:
            found[check.id] = check.estimate.value
            found[f"{check.id}.low"] = check.estimate.low
            found[f"{check.id}.high"] = check.estimate.high
    for phase in result.phases:
        found[f"phase.{phase.name}.seconds"] = phase.seconds
        if phase.memory_mb is not None:
            found[f"phase.{phase.name}.memory_mb"] = phase.memory_mb
    return found


def params(result: Result) -> dict[str, str]:
    """Return what the grade depends on."""
    return {
        "lab_version": result.lab.version,
        "lab_digest": result.lab.digest[:16],
        "grader_version": result.grader.version,
        "sandbox": result.grader.sandbox,
        "image_digest": result.grader.image_digest or "none",
        "pass_score": f"{result.pass_score:g}",
    }


def tags(result: Result) -> dict[str, str]:
    """Return what runs are found by."""
    found = {
        SUBMISSION_TAG: result.submission.id,
        "labrun.sha256": result.submission.sha256,
        "learner": result.submission.learner,
        "status": result.status,
        "verdict": result.verdict or "none",
        "attempt": str(result.attempt.number or "not counted"),
        "official": str(result.official).lower(),
    }
    if result.submission.commit:
        found["mlflow.source.git.commit"] = result.submission.commit
    if result.submission.message:
        found["message"] = result.submission.message
    return found


def ui_command(uri: str, artifacts: Path, *, host: str, port: int) -> list[str]:
    """Return the command that serves MLflow's pages on a store."""
    return [
        *(sys.executable, "-P", "-m", "mlflow", "server"),
        *("--backend-store-uri", uri, "--default-artifact-root", artifacts.as_uri()),
        *("--host", host, "--port", str(port)),
    ]


@contextlib.contextmanager
def _translated(uri: str) -> Iterator[None]:
    try:
        yield
    except (TrackerError, MissingExtraError):
        raise
    except Exception as error:  # MLflow raises what its stores, drivers and HTTP client raise
        what = (str(error).strip() or type(error).__name__).partition("\n")[0]
        msg = f"MLflow at {uri} refused the record: {what[:300]}"
        raise TrackerError(msg, help="the grade is kept; send it again with: labrun record") from error
