import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from labrun.errors import TrackerError
from labrun.tracker.reach import check_reachable, without_secret


class Refusing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(403)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def refusing() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://ada:secret@127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_that_answers_anything_is_there(refusing: str) -> None:
    check_reachable(refusing)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:1", "http://ada:secret@127.0.0.1:1"])
def test_a_server_that_is_away_is_named_without_its_password(uri: str) -> None:
    with pytest.raises(TrackerError, match=r"MLflow at http://127\.0\.0\.1:1 does not answer"):
        check_reachable(uri)


@pytest.mark.parametrize("uri", ["http://[bad", "http://127.0.0.1:port"])
def test_an_address_that_is_none_is_said_to_be_none(uri: str) -> None:
    with pytest.raises(TrackerError, match="does not answer"):
        check_reachable(uri)


def test_a_new_database_is_fine(tmp_path: Path) -> None:
    check_reachable(f"sqlite:///{tmp_path}/new/mlflow.db")


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    path.write_bytes(b"this is no database\n" * 100)
    with pytest.raises(TrackerError, match=r"cannot write MLflow's database .*mlflow\.db"):
        check_reachable(f"sqlite:///{path}")
    assert path.read_bytes() == b"this is no database\n" * 100


def test_a_database_in_a_place_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TrackerError, match="cannot write MLflow's database"):
        check_reachable(f"sqlite:///{tmp_path}/file/mlflow.db")


def test_a_database_that_somebody_holds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labrun.tracker.reach.SECONDS", 0.01)
    holder = sqlite3.connect(tmp_path / "mlflow.db")
    try:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(TrackerError, match="locked"):
            check_reachable(f"sqlite:///{tmp_path}/mlflow.db")
    finally:
        holder.close()


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("http://ada:secret@host:5000/path", "http://host:5000/path"),
        ("postgresql://ada:secret@db/mlflow", "postgresql://db/mlflow"),
        ("sqlite:////home/ada/mlflow.db", "sqlite:////home/ada/mlflow.db"),
        ("http://[bad", "an address that is none"),
    ],
)
def test_a_password_is_never_shown(uri: str, shown: str) -> None:
    assert without_secret(uri) == shown
