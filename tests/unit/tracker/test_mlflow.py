import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("mlflow")

from mlflow.entities import Run
from mlflow.tracking import MlflowClient

from labrun.domain.leaderboard import Board
from labrun.domain.regrade import result_name
from labrun.domain.result import How, RegradeInfo, Result
from labrun.errors import TrackerError
from labrun.tracker.base import TrackerEntry
from labrun.tracker.mlflow import MlflowTracker, experiment_name, ui_command

# MLflow 3.17 still says `noload`, which SQLAlchemy 2.1 deprecates; an error here breaks its tables.
pytestmark = pytest.mark.filterwarnings(
    "ignore:The ``noload`` loader strategy:sqlalchemy.exc.SADeprecationWarning"
)

RECEIVED = datetime(2025, 3, 5, 9, 0, tzinfo=UTC)
UI = "http://127.0.0.1:5000"
ARTIFACTS = {"result.json": b"{}\n", "report.html": b"<p>hi", "plots/roc.png": b"\x89PNG"}


def entry(result: Result, board: Board | None = None) -> TrackerEntry:
    return TrackerEntry(
        result=result, artifacts=ARTIFACTS, board=board, params={"seed": "7"}, tags={"cohort": "a"}
    )


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Make MLflow's tables once: it takes two seconds."""
    path = tmp_path_factory.mktemp("empty") / "mlflow.db"
    MlflowClient(f"sqlite:///{path}").search_experiments()
    return path.read_bytes()


@pytest.fixture
def home(tmp_path: Path, migrated: bytes) -> Path:
    home = tmp_path / "a home"
    home.mkdir()
    (home / "mlflow.db").write_bytes(migrated)
    return home


@pytest.fixture
def uri(home: Path) -> str:
    return f"sqlite:///{home}/mlflow.db"


@pytest.fixture
def tracker(home: Path, uri: str) -> MlflowTracker:
    return MlflowTracker(uri=uri, artifacts=home / "files", ui_url=UI)


def runs(uri: str, name: str = "labrun/c02-credit") -> list[Run]:
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name(name)
    assert experiment
    return list(client.search_runs([experiment.experiment_id]))


def test_a_grade_becomes_a_finished_run(tracker: MlflowTracker, uri: str, result: Result) -> None:
    url = tracker.record(entry(result))
    (run,) = runs(uri)
    assert url == f"{UI}/#/experiments/{run.info.experiment_id}/runs/{run.info.run_id}"
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "ada 2"
    assert run.data.metrics["score"] == 81
    assert run.data.metrics["roc_auc.low"] == 0.84
    assert run.data.params["image.digest"] == "sha256:1234"
    assert run.data.params["seed"] == "7"
    assert run.data.tags["labrun.submission"] == "a41d7e"
    assert run.data.tags["cohort"] == "a"


def test_the_files_lie_in_the_folder(
    tracker: MlflowTracker, uri: str, home: Path, result: Result, tmp_path: Path
) -> None:
    tracker.record(entry(result))
    (run,) = runs(uri)
    assert str(run.info.artifact_uri).startswith((home / "files/labrun/c02-credit").as_uri())
    client = MlflowClient(uri)
    for name, body in ARTIFACTS.items():
        path = client.download_artifacts(run.info.run_id, name, str(tmp_path))
        assert Path(path).read_bytes() == body


def test_a_run_names_its_data_with_the_digest(
    tracker: MlflowTracker, uri: str, result: Result
) -> None:
    tracker.record(entry(result))
    (run,) = runs(uri)
    assert run.inputs
    (data,) = run.inputs.dataset_inputs
    assert data.dataset.name == "credit"
    assert data.dataset.digest == "f" * 16
    assert json.loads(data.dataset.source)["sha256"] == "f" * 64
    assert {tag.key: tag.value for tag in data.tags}["labrun.sha256"] == "f" * 64


def test_recording_twice_makes_one_run(tracker: MlflowTracker, uri: str, result: Result) -> None:
    assert tracker.record(entry(result)) == tracker.record(entry(result))
    assert len(runs(uri)) == 1


def test_a_record_that_was_cut_short_is_completed(
    tracker: MlflowTracker, uri: str, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        def broken(*_: object) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr(MlflowClient, "log_artifacts", broken)
        with pytest.raises(TrackerError, match="No space left"):
            tracker.record(entry(result))
    (cut,) = runs(uri)
    assert cut.info.status == "RUNNING"
    tracker.record(entry(result))
    (run,) = runs(uri)
    assert run.info.run_id == cut.info.run_id
    assert run.info.status == "FINISHED"
    assert len(MlflowClient(uri).get_metric_history(run.info.run_id, "score")) == 1
    assert run.inputs
    assert len(run.inputs.dataset_inputs) == 1
    assert len(MlflowClient(uri).list_artifacts(run.info.run_id)) == 3


@pytest.mark.parametrize("change", [{"official": False}, {"split": "public"}])
def test_what_does_not_count_stands_apart(
    tracker: MlflowTracker, uri: str, result: Result, board: Board, change: dict[str, object]
) -> None:
    practice = result.model_copy(update=change)
    assert experiment_name(practice) == "labrun/practice/c02-credit"
    tracker.record(entry(practice, board))
    assert len(runs(uri, "labrun/practice/c02-credit")) == 1
    found = MlflowClient(uri).get_experiment_by_name("labrun/practice/c02-credit")
    assert found
    assert "eve" in found.tags["mlflow.note.content"]
    assert MlflowClient(uri).get_experiment_by_name("labrun/c02-credit") is None


def test_the_description_is_the_leaderboard_refreshed_at_each_grade(
    tracker: MlflowTracker, uri: str, result: Result, board: Board
) -> None:
    def description() -> str:
        found = MlflowClient(uri).get_experiment_by_name("labrun/c02-credit")
        assert found
        return str(found.tags["mlflow.note.content"])

    url = tracker.record(entry(result, board))
    assert f"| 1 | ada | 0.861 \\[0.84, 0.88\\] | [81]({url}) |" in description()
    second = result.submission.model_copy(update={"id": "b52e8f", "learner": "bob"})
    better = board.official[0].model_copy(update={"learner": "bob", "submission": "b52e8f"})
    url = tracker.record(
        entry(
            result.model_copy(update={"submission": second}),
            board.model_copy(update={"official": (better, *board.official)}),
        )
    )
    assert f"| 1 | bob | 0.861 \\[0.84, 0.88\\] | [81]({url}) |" in description()
    assert "| ada |" in description()


def test_the_description_can_be_refreshed_without_a_grade(
    tracker: MlflowTracker, uri: str, result: Result, board: Board
) -> None:
    url = tracker.record(entry(result, board))
    of_the_runs_lab = board.model_copy(update={"lab": "c02-credit", "part": "final"})
    tracker.describe(of_the_runs_lab)
    found = MlflowClient(uri).get_experiment_by_name("labrun/c02-credit")
    assert found
    assert "Final, on the rows kept" in found.tags["mlflow.note.content"]
    assert f"[81]({url})" in found.tags["mlflow.note.content"]


def test_the_runs_of_a_lab_have_an_address_best_first(
    tracker: MlflowTracker, result: Result
) -> None:
    run = tracker.record(entry(result))
    table = tracker.runs_url("c02-credit")
    page, query = table.split("?")
    assert page == run.rpartition("/")[0]
    assert query.endswith("orderByKey=metrics.%60score%60&orderByAsc=false")


def test_an_experiment_that_was_deleted_is_an_error_with_a_way_back(
    tracker: MlflowTracker, uri: str, result: Result
) -> None:
    tracker.record(entry(result))
    client = MlflowClient(uri)
    found = client.get_experiment_by_name("labrun/c02-credit")
    assert found
    client.delete_experiment(found.experiment_id)
    with pytest.raises(TrackerError, match="was deleted") as caught:
        tracker.record(entry(result))
    assert "mlflow experiments restore" in (caught.value.help or "")


@pytest.mark.parametrize("name", ["../out", "/etc/out", ""])
def test_a_file_is_never_written_outside_its_run(
    tracker: MlflowTracker, result: Result, name: str
) -> None:
    with pytest.raises(TrackerError, match="an artifact cannot be called"):
        tracker.record(TrackerEntry(result=result, artifacts={name: b"x"}))


def test_an_odd_submission_id_is_refused(tracker: MlflowTracker, result: Result) -> None:
    odd = result.submission.model_copy(update={"id": "x' OR tags.a = 'b"})
    with pytest.raises(TrackerError, match="cannot be recorded"):
        tracker.record(entry(result.model_copy(update={"submission": odd})))


def test_a_database_of_another_version_of_mlflow_is_an_error(
    tracker: MlflowTracker, home: Path, result: Result
) -> None:
    import sqlite3  # noqa: PLC0415  (only here)

    database = sqlite3.connect(home / "mlflow.db")
    database.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    database.commit()
    database.close()
    with pytest.raises(TrackerError, match=r"cannot record in MLflow at sqlite:///.*mlflow\.db"):
        tracker.record(entry(result))


@pytest.mark.parametrize("uri", ["nonsense://somewhere", "sqlite:/bad"])
def test_an_address_that_mlflow_does_not_know_is_an_error(uri: str, result: Result) -> None:
    with pytest.raises(TrackerError, match="cannot record in MLflow"):
        MlflowTracker(uri=uri, artifacts=None, ui_url=UI).record(entry(result))


def test_a_server_that_is_away_is_an_error(result: Result) -> None:
    tracker = MlflowTracker(uri="http://127.0.0.1:1", artifacts=None, ui_url="http://127.0.0.1:1")
    with pytest.raises(TrackerError, match="does not answer") as caught:
        tracker.record(entry(result))
    assert "labrun record" in (caught.value.help or "")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def server(home: Path, uri: str) -> Iterator[str]:
    port = free_port()
    command = ui_command(uri, home / "files", host="127.0.0.1", port=port)
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            url = f"http://127.0.0.1:{port}"
            for _ in range(600):
                assert process.poll() is None, (home / "log").read_text()
                if fetch(f"{url}/health") == b"OK":
                    break
                time.sleep(0.2)
            yield url
        finally:
            process.terminate()
            process.wait(30)


def fetch(url: str) -> bytes | None:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  (our own server)
            return bytes(answer.read())
    except urllib.error.URLError:
        return None


@pytest.mark.slow
def test_a_grade_reaches_a_server_and_its_pages_serve_the_files(
    server: str, home: Path, uri: str, result: Result, board: Board
) -> None:
    over_http = MlflowTracker(uri=server, artifacts=None, ui_url=server)
    url = over_http.record(entry(result, board))
    assert over_http.record(entry(result, board)) == url
    (run,) = runs(server)
    assert url == f"{server}/#/experiments/{run.info.experiment_id}/runs/{run.info.run_id}"
    assert run.info.status == "FINISHED"
    assert fetch(f"{server}/get-artifact?path=report.html&run_uuid={run.info.run_id}") == b"<p>hi"
    assert list((home / "files").rglob("roc.png"))

    practice = result.model_copy(update={"official": False})
    direct = MlflowTracker(uri=uri, artifacts=home / "files", ui_url=server)
    key = direct.record(entry(practice)).rpartition("/")[2]
    assert fetch(f"{server}/get-artifact?path=plots/roc.png&run_uuid={key}") == b"\x89PNG"


def regraded(result: Result, number: int, score: float) -> Result:
    """Return the result that a regrade put in the place of the one before."""
    why = RegradeInfo(
        id="01regrade", number=number, how=How.RESCORE, reason="a wrong label", at=RECEIVED,
        earlier_verdict=result.verdict, earlier_score=result.score,
    )  # fmt: skip
    name = result_name(result.submission.id, number - 1)
    changes = {"regrade": why, "supersedes": name, "score": score}
    return result.model_copy(update=changes)


def test_a_regrade_is_a_run_of_its_own_and_the_earlier_one_keeps_all_it_had(
    tracker: MlflowTracker, uri: str, result: Result, board: Board
) -> None:
    tracker.record(entry(result, board))
    (before,) = runs(uri)
    for number, score in ((2, 85.0), (3, 90.0), (3, 90.0)):
        tracker.record(entry(regraded(result, number, score), board))
    third, second, first = sorted(runs(uri), key=lambda run: -run.data.metrics["score"])
    assert (first.info.run_id, first.data.metrics) == (before.info.run_id, before.data.metrics)
    more = {"labrun.superseded_by": second.info.run_id}
    assert first.data.tags == before.data.tags | more
    assert second.data.tags["labrun.supersedes"] == "a41d7e"
    assert second.data.tags["labrun.superseded_by"] == third.info.run_id
    assert third.data.tags["labrun.supersedes"] == "a41d7e.2"
    assert third.data.tags["labrun.supersedes_run"] == second.info.run_id
    assert third.data.tags["labrun.regrade_reason"] == "a wrong label"
    assert "labrun.superseded_by" not in third.data.tags
    experiment = MlflowClient(uri).get_experiment(first.info.experiment_id)
    assert third.info.run_id in experiment.tags["mlflow.note.content"]


def test_a_regrade_cut_short_before_the_tags_still_gets_them(
    tracker: MlflowTracker, uri: str, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker.record(entry(result))
    again = regraded(result, 2, 90)
    with monkeypatch.context() as patch:

        def broken(*_: object) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr(MlflowClient, "set_tag", broken)
        with pytest.raises(TrackerError, match="No space left"):
            tracker.record(entry(again))
    tracker.record(entry(again))
    assert len(runs(uri)) == 2
    assert sum("labrun.superseded_by" in run.data.tags for run in runs(uri)) == 1
