"""Record in MLflow: one experiment a lab, one run a graded submission.

Files under ``mlruns`` are in maintenance mode since MLflow 3, so the default store is SQLite.
"""

import importlib
import json
import logging
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from labrun.domain.leaderboard import Board
from labrun.domain.regrade import result_name
from labrun.domain.result import DataInfo, Result
from labrun.errors import TrackerError
from labrun.tracker import facts, note
from labrun.tracker.base import TRACKERS, TrackerEntry
from labrun.tracker.reach import KEPT, check_reachable, without_secret

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

KIND = {"mlflow.experimentKind": "custom_model_development"}  # pages for training, not chats
DESCRIPTION = "mlflow.note.content"
BEST_FIRST = "workflowType=machine_learning&orderByKey=metrics.%60score%60&orderByAsc=false"
PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
MOST_LINKS = 1000
MOST_RESULTS = 1000  # of one submission
SHORT_DIGEST = 16  # MLflow keeps 36 characters and shows them in a column; the tag has all
REQUEST_SECONDS = 20
WriteNote = Callable[[Board, Mapping[str, str]], str]
RETRIES = 1  # the outbox tries again later; a learner waits now


@TRACKERS.register("mlflow")
class MlflowTracker:
    """Runs in an MLflow store: a tracking server, or a database with a folder of files."""

    def __init__(self, *, uri: str, artifacts: Path | None, ui_url: str) -> None:
        self._uri = uri
        self._artifacts = artifacts
        self._pages = without_secret(ui_url).rstrip("/")

    def warm_up(self) -> None:
        """See `Tracker.warm_up`."""
        _import_mlflow()

    def record(self, entry: TrackerEntry) -> str:
        """See `Tracker.record`."""
        submission = entry.result.submission.id
        if not PLAIN_ID.fullmatch(submission):
            msg = f"the submission id {submission!r} cannot be recorded"
            raise TrackerError(msg, help="ids are letters, digits, '-' and '_'")
        with self._client() as client:
            name = experiment_name(entry.result)
            experiment = self._experiment(client, name)
            run = _find(client, experiment, submission, entry.result.supersedes)
            if run is None or run.info.status == "RUNNING":  # new, or a record that was cut short
                run = _write(client, experiment, run, entry)
            _supersede(client, experiment, run, entry.result)
            self._describe(client, experiment, entry)
            return self._run_url(experiment, run.info.run_id)

    def describe(self, board: Board) -> None:
        """See `Tracker.describe`."""
        with self._client() as client:
            experiment = self._experiment(client, f"labrun/{board.lab}")
            self._write_note(client, experiment, board, note.official_note)

    def runs_url(self, lab: str) -> str:
        """See `Tracker.runs_url`."""
        with self._client() as client:
            experiment = self._experiment(client, f"labrun/{lab}")
        return f"{self._pages}/#/experiments/{experiment}/runs?{BEST_FIRST}"

    def _run_url(self, experiment: str, run: str) -> str:
        return f"{self._pages}/#/experiments/{experiment}/runs/{run}"

    @contextmanager
    def _client(self) -> "Iterator[MlflowClient]":
        """Give a client, and turn whatever goes wrong with it into a `TrackerError`."""
        check_reachable(self._uri)
        _import_mlflow()
        from alembic.util import CommandError  # noqa: PLC0415  (heavy, like the next two)
        from mlflow.exceptions import MlflowException  # noqa: PLC0415
        from mlflow.tracking import MlflowClient  # noqa: PLC0415
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

        try:
            yield MlflowClient(tracking_uri=self._uri, registry_uri=self._uri)
        except (MlflowException, SQLAlchemyError, CommandError, OSError) as error:
            shown = without_secret(self._uri)
            reason = facts.plain(str(error).replace(self._uri, shown), 300)
            msg = f"cannot record in MLflow at {shown}: {reason}"
            raise TrackerError(msg, help=KEPT) from error

    def _experiment(self, client: "MlflowClient", name: str) -> str:
        found = client.get_experiment_by_name(name)
        if found is None:
            place = (self._artifacts / name).absolute().as_uri() if self._artifacts else None
            return str(client.create_experiment(name, artifact_location=place, tags=KIND))
        if found.lifecycle_stage != "active":
            msg = f"the MLflow experiment {name!r} was deleted"
            restore = f"mlflow experiments restore --experiment-id {found.experiment_id}"
            raise TrackerError(msg, help=f"{restore}, then: labrun record")
        return str(found.experiment_id)

    def _describe(self, client: "MlflowClient", experiment: str, entry: TrackerEntry) -> None:
        if entry.board is not None:
            write = note.official_note if _counts(entry.result) else note.practice_note
            self._write_note(client, experiment, entry.board, write)

    def _write_note(
        self, client: "MlflowClient", experiment: str, board: Board, write: WriteNote
    ) -> None:
        runs = client.search_runs(
            [experiment], order_by=["metrics.score DESC"], max_results=MOST_LINKS
        )
        links = {
            run.data.tags.get(facts.SUBMISSION, ""): self._run_url(experiment, run.info.run_id)
            for run in runs
            if facts.SUPERSEDED_BY not in run.data.tags
        }
        client.set_experiment_tag(experiment, DESCRIPTION, write(board, links))


def experiment_name(result: Result) -> str:
    """Return the experiment of a result: practice, unofficial and public runs stand apart."""
    return f"labrun/{'' if _counts(result) else 'practice/'}{result.lab.slug}"


def ui_command(uri: str, artifacts: Path, *, host: str, port: int) -> list[str]:
    """Return the command that serves MLflow's pages on a store of labrun's own.

    MLflow refuses requests whose Host header is neither local nor a private address; behind
    another name an operator starts ``mlflow server --allowed-hosts`` by hand. Its job runner stays
    off: labrun has no jobs for it, and it takes a gigabyte and outlives the server.
    """
    return [
        *("env", "MLFLOW_DISABLE_TELEMETRY=true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false"),
        *(sys.executable, "-m", "mlflow", "server"),
        *("--backend-store-uri", uri, "--artifacts-destination", artifacts.absolute().as_uri()),
        *("--host", host, "--port", str(port), "--workers", "1"),
    ]


def _counts(result: Result) -> bool:
    return result.official and result.split == "hidden"


def _find(
    client: "MlflowClient", experiment: str, submission: str, supersedes: str | None
) -> "Run | None":
    """Return the run of one result: a submission that was regraded has several."""
    mine = f"tags.`{facts.SUBMISSION}` = '{submission}'"
    runs = client.search_runs([experiment], filter_string=mine, max_results=MOST_RESULTS)
    return next((run for run in runs if run.data.tags.get(facts.SUPERSEDES) == supersedes), None)


def _supersede(client: "MlflowClient", experiment: str, run: "Run", result: Result) -> None:
    """Say in both runs which replaced which; nothing else of the earlier run is touched."""
    if result.regrade is None:
        return
    submission = result.submission.id
    earlier = result_name(submission, result.regrade.number - 2)
    old = _find(client, experiment, submission, earlier)
    if old is not None:
        client.set_tag(run.info.run_id, facts.SUPERSEDES_RUN, old.info.run_id)
        client.set_tag(old.info.run_id, facts.SUPERSEDED_BY, run.info.run_id)


def _write(
    client: "MlflowClient", experiment: str, run: "Run | None", entry: TrackerEntry
) -> "Run":
    """Write everything, the end of the run last: one that is still running was cut short."""
    result = entry.result
    started = int(result.submission.received.timestamp() * 1000)
    ended = started + int(1000 * facts.metrics(result).get("seconds", 0))
    if run is None:
        tags = facts.tags(result) | _plain(entry.tags)
        run = client.create_run(experiment, started, tags, facts.run_name(result))
    key = run.info.run_id
    _log_numbers(client, key, ended, entry)
    client.log_inputs(key, [_input(each) for each in result.data])
    _log_files(client, key, entry.artifacts)
    client.set_terminated(key, "FINISHED", ended)
    return run


def _log_numbers(client: "MlflowClient", run: str, ended: int, entry: TrackerEntry) -> None:
    from mlflow.entities import Metric, Param  # noqa: PLC0415  (heavy)

    # The moment is the submission's own, so that writing the same numbers again adds none.
    metrics = [Metric(name, value, ended, 0) for name, value in facts.metrics(entry.result).items()]
    known = facts.params(entry.result) | _plain(entry.params)
    client.log_batch(run, metrics, [Param(name, value) for name, value in known.items()])


def _plain(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: facts.plain(value) for name, value in texts.items()}


def _input(table: DataInfo) -> Any:
    from mlflow.entities import Dataset, DatasetInput, InputTag  # noqa: PLC0415  (heavy)

    name, digest = facts.plain(table.id, 100), facts.plain(table.sha256, 64)
    data = Dataset(
        name=name or "data",
        digest=digest[:SHORT_DIGEST] or "none",
        source_type="labrun",
        source=json.dumps({"id": name, "sha256": digest}),
    )
    return DatasetInput(
        data, [InputTag("mlflow.data.context", "grading"), InputTag("labrun.sha256", digest)]
    )


def _log_files(client: "MlflowClient", run: str, artifacts: Mapping[str, bytes]) -> None:
    with tempfile.TemporaryDirectory(prefix="labrun-artifacts-") as folder:
        for name, body in artifacts.items():
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or not path.parts:
                msg = f"an artifact cannot be called {name!r}"
                raise TrackerError(msg)
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
        client.log_artifacts(run, folder)


def _import_mlflow() -> None:
    """Import MLflow, its telemetry off and its patience short.

    MLflow takes such settings from the environment only; its own setters write them there. What
    an operator has set stays.
    """
    importlib.import_module("mlflow.tracking")  # takes seconds
    settings: Any = importlib.import_module("mlflow.environment_variables")
    telemetry: Any = importlib.import_module("mlflow.telemetry")
    settings.MLFLOW_DISABLE_TELEMETRY.set(True)
    telemetry.set_telemetry_client()
    for setting, value in (
        (settings.MLFLOW_HTTP_REQUEST_TIMEOUT, REQUEST_SECONDS),
        (settings.MLFLOW_HTTP_REQUEST_MAX_RETRIES, RETRIES),
    ):
        if not setting.is_set():
            setting.set(value)
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
