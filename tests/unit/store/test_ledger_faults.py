"""What can go wrong with the file: each fault is told, says what to do next and harms nothing."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from labrun.domain.lab import Attempts
from labrun.errors import StoreError
from labrun.store.faults import database_fault, disk_fault
from labrun.store.ledger import Ledger
from labrun.store.ledger_database import Database
from labrun.store.ledger_records import State

Make = Any  # tests/unit/store/conftest.py
Clock = Any
NOBODY = 65534


@contextmanager
def without_rights(*paths: Path) -> Iterator[None]:
    """Take the right to write away; root would have it whatever the mode says."""
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    if os.getuid() == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that another user can reach, as pytest's own cannot be."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("size", [50, 5000])
def test_a_file_that_is_no_database_is_said_to_be_damaged(
    tmp_path: Path, clock: Clock, size: int
) -> None:
    path, body = tmp_path / "ledger.db", b"x" * size
    path.write_bytes(body)
    with pytest.raises(StoreError, match=f"{path} is damaged: file is not a database") as said:
        Ledger.open(path, clock=clock)
    assert "move it away and labrun starts a new one" in (said.value.help or "")
    assert path.read_bytes() == body


def test_a_ledger_with_damaged_pages_is_said_to_be_damaged(
    ledger_path: Path, make: Make, clock: Clock
) -> None:
    with Ledger.open(ledger_path, clock=clock) as ledger:
        for content in "abcdef":
            make.graded(ledger, content=content, message="m" * 3000)
    body = bytearray(ledger_path.read_bytes())
    body[4096:] = b"\x5a" * (len(body) - 4096)  # the first page, with the schema, is left
    ledger_path.write_bytes(body)
    said = f"{ledger_path} is damaged: database disk image is malformed"
    with pytest.raises(StoreError, match=said), Ledger.open(ledger_path, clock=clock) as ledger:
        ledger.history("ada")


def test_an_empty_file_becomes_a_ledger(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "ledger.db").touch()
    with Ledger.open(tmp_path / "ledger.db", clock=clock) as ledger:
        assert ledger.unfinished() == ()


def test_a_folder_that_cannot_be_written_is_named(public_folder: Path, clock: Clock) -> None:
    path = public_folder / "ledger.db"
    told = pytest.raises(StoreError, match=f"cannot write {path}.*ermission denied")
    with without_rights(public_folder), told as said:
        Ledger.open(path, clock=clock)
    assert said.value.help == (
        f"labrun must be able to write in {public_folder}: check its owner, mode and mount"
    )
    assert list(public_folder.iterdir()) == []


def test_a_ledger_that_cannot_be_written_is_named(
    public_folder: Path, blank_ledger: Path, clock: Clock
) -> None:
    path = public_folder / "ledger.db"
    path.write_bytes(blank_ledger.read_bytes())
    lock = public_folder / "ledger.db.lock"
    lock.touch()
    lock.chmod(0o666)
    told = pytest.raises(StoreError, match=f"cannot write {path}")
    with without_rights(public_folder, path), told:
        Ledger.open(path, clock=clock)


def test_a_home_that_is_a_file_is_named(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "home").write_text("")
    path = tmp_path / "home" / "labrun" / "ledger.db"
    with pytest.raises(StoreError, match=f"cannot use {path}: Not a directory"):
        Ledger.open(path, clock=clock)


def test_a_folder_in_place_of_the_ledger_is_named(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(StoreError, match="unable to open database file"):
        Ledger.open(tmp_path / "ledger.db", clock=clock)


def test_a_full_disk_loses_nothing_and_is_told(
    ledger: Ledger, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ledger.submit(make.new(), Attempts())
    claim = ledger.claim(row.id, make.worker())
    assert claim is not None
    limit_pages(monkeypatch)
    heavy = make.result(row).model_copy(update={"reason": "r" * 3_000_000})
    with pytest.raises(StoreError, match="the disk is full") as said:
        ledger.finish(claim, heavy)
    assert "free some space" in (said.value.help or "")
    kept = ledger.find(row.id)
    assert (kept.state, kept.counted, kept.score) == (State.RUNNING, None, None)
    assert [event.kind for event in ledger.events(row.id)] == ["queued", "running"]
    assert ledger.pending() == ()
    assert ledger.finish(claim, make.result(row))


def limit_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let SQLite meet a real SQLITE_FULL: it may not grow past 100 pages."""
    write = Database.write

    @contextmanager
    def limited(database: Database) -> Iterator[Any]:
        with write(database) as tx:
            tx.connection.exec_driver_sql("PRAGMA max_page_count=100")
            yield tx

    monkeypatch.setattr(Database, "write", limited)


def test_a_lock_that_stays_is_told(
    ledger: Ledger, ledger_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr("labrun.store.ledger_database.BUSY_MILLISECONDS", 1)
    other = sqlite3.connect(ledger_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    impatient = Database(ledger_path, clock=clock)
    with pytest.raises(StoreError, match="stayed locked by another process: database is locked"):
        Ledger(impatient).submit(make.new(), Attempts())
    assert ledger.history("ada") == ()  # a reader does not wait
    other.execute("ROLLBACK")
    assert Ledger(impatient).submit(make.new(), Attempts()).state is State.QUEUED
    impatient.close()
    other.close()


def test_any_other_fault_keeps_what_the_system_said(tmp_path: Path) -> None:
    error = database_fault(tmp_path, sqlite3.OperationalError("no such table: moods"))
    assert str(error) == f"{tmp_path} failed: no such table: moods"
    assert error.help == "run `labrun doctor` to look for the cause"
    assert str(disk_fault(tmp_path, OSError("odd"))) == f"cannot use {tmp_path}: odd"
