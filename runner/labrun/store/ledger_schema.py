"""Bring a ledger to the tables of this labrun before anything else touches it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from labrun.errors import StoreError
from labrun.store.faults import disk_fault
from labrun.store.ledger_database import HOW_TO_BEGIN, connect_to, faults_named

HEAD = "0003"  # kept here, so that opening an up-to-date ledger needs no Alembic
MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = "alembic_version"


def bring_up_to_date(path: Path, *, migrations: Path = MIGRATIONS, head: str = HEAD) -> None:
    """Create or upgrade the ledger at ``path``, in one transaction and one process at a time.

    Raises `StoreError` where it cannot be written, is damaged, is not a ledger or is newer.
    """
    with _alone(path), faults_named(path):
        # Foreign keys are off while tables are rebuilt, as SQLite asks, and checked before commit.
        engine = connect_to(path, foreign_keys="OFF")
        try:
            with engine.connect() as connection:
                found = _revision(connection, path)
            if found != head:
                writer = engine.execution_options(**{HOW_TO_BEGIN: "BEGIN IMMEDIATE"})
                with writer.begin() as connection:
                    _upgrade(connection, path, migrations)
        finally:
            engine.dispose()


def _revision(connection: sa.Connection, path: Path) -> str | None:
    tables = set(sa.inspect(connection).get_table_names())
    if not tables:
        return None
    if not {"submissions", VERSIONS} <= tables:
        msg = f"{path} is a database, but not labrun's: it holds {', '.join(sorted(tables)[:3])}"
        raise StoreError(msg, help="give labrun a file of its own")
    return connection.execute(sa.text(f"SELECT version_num FROM {VERSIONS}")).scalar()  # noqa: S608  (a constant)


def _upgrade(connection: sa.Connection, path: Path, migrations: Path) -> None:
    from alembic import command  # noqa: PLC0415  (slow to import, and rarely needed)
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if (found := _revision(connection, path)) is not None and found not in known:
        msg = f"{path} was written by a newer labrun: its tables are at {found!r}"
        raise StoreError(msg, help=f"update labrun; this one knows up to {max(known)!r}")
    command.upgrade(config, "head")
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        msg = f"upgrading {path} would lose the parents of {len(broken)} rows"
        raise StoreError(msg, help="the file was left as it was; report this as a bug")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f"{path.name}.lock").open("ab")
    except OSError as error:
        raise disk_fault(path, error) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
