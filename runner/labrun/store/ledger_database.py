"""One SQLite file, its settings, and the transactions on it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from labrun.errors import StoreError
from labrun.store.faults import database_fault
from labrun.store.tables import events

Clock = Callable[[], datetime]

BUSY_MILLISECONDS = 30_000
HOW_TO_BEGIN = "labrun_begin"


@dataclass(frozen=True)
class Transaction:
    """An open transaction and the one time at which all of it happens."""

    connection: sa.Connection
    now: datetime

    def note(self, submission: str, kind: str, **data: str | int | None) -> None:
        """Append to the history; ``data`` must hold nothing that a learner may not see."""
        self.connection.execute(
            events.insert().values(
                submission_id=submission, at=self.now, kind=kind, data=json.dumps(data)
            )
        )


class Database:
    """Transactions on one file; every database fault leaves as `StoreError`."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._engine = connect_to(path)
        # A write takes its lock at once: one that upgrades later can fail half-way as "busy".
        self._writer = self._engine.execution_options(**{HOW_TO_BEGIN: "BEGIN IMMEDIATE"})

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Give one consistent view."""
        with faults_named(self.path), self._engine.begin() as connection:
            yield Transaction(connection, self._clock())

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Commit all of it or nothing."""
        with faults_named(self.path), self._writer.begin() as connection:
            yield Transaction(connection, self._clock())

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def connect_to(path: Path, *, foreign_keys: str = "ON") -> sa.Engine:
    """Return an engine whose connections are durable, wait for a lock and begin as told."""
    url = sa.URL.create("sqlite", database=str(path))
    # The driver must not begin on its own: "begin" below says how.
    engine = sa.create_engine(url, connect_args={"isolation_level": None})

    def settle(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA foreign_keys={foreign_keys}")
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal":
            msg = f"{path} cannot use a write-ahead log: its journal mode stays {mode!r}"
            raise StoreError(msg, help="keep the ledger on a local disk, not on a network one")

    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(HOW_TO_BEGIN, "BEGIN"))

    sa.event.listen(engine, "connect", settle)
    sa.event.listen(engine, "begin", begin)
    return engine


@contextmanager
def faults_named(path: Path) -> Iterator[None]:
    """Turn what the database says of ``path`` into a `StoreError`."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise database_fault(path, error.orig) from error
