import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from labrun.domain.grade import Verdict
from labrun.domain.lab import Attempts
from labrun.domain.leaderboard import Final, Shown
from labrun.domain.regrade import Change, Item, Marks
from labrun.domain.result import How
from labrun.errors import StoreError
from labrun.store.ledger import Ledger
from labrun.store.ledger_database import Database
from labrun.store.ledger_ids import new_id
from labrun.store.ledger_publish import LabNow
from labrun.store.ledger_records import Entry
from labrun.store.ledger_regrades import Judged, NewRegrade
from labrun.store.ledger_schema import HEAD, MIGRATIONS, bring_up_to_date
from labrun.store.tables import metadata

Make = Any  # tests/unit/store/conftest.py
Clock = Any
NEXT = "9999"


def schema(path: Path) -> dict[str, str]:
    """Return what makes up the tables, but for Alembic's own and the way it is laid out."""
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        rows = {name: " ".join(sql.replace('"', "").split()) for name, sql in found}
    connection.close()
    return {name: sql for name, sql in rows.items() if name != "alembic_version"}


def rows(path: Path) -> dict[str, list[Any]]:
    with sqlite3.connect(path) as connection:
        found = {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608  (constants)
            for table in metadata.tables
        }
    connection.close()
    return found


def revision(path: Path) -> str:
    with sqlite3.connect(path) as connection:
        (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    connection.close()
    return str(found)


def close(ledger: Ledger, make: Make, row: Entry) -> None:
    ledger.closing.choose(row.id)
    ledger.closing.close(row.lab)
    final = Final(
        submission=row.id, learner=row.learner, received=row.queued_at, submissions=1,
        result=make.result(row), rank=None,
    )  # fmt: skip
    ledger.closing.settle(row.lab, [final])


def regrade(ledger: Ledger, make: Make, row: Entry) -> None:
    new = NewRegrade(
        id=new_id(make.clock.now), lab=row.lab, how=How.RESCORE, only=(), lab_version="1",
        lab_digest="d", data_digest=None, grader="0",
    )  # fmt: skip
    claim = ledger.regrades.begin(new, [row], make.worker(), lambda _: False)
    before, after = (Marks(verdict=Verdict.PASSED, score=score) for score in (60, 90))
    item = Item(
        submission=row.id, learner=row.learner, received=row.queued_at, number=1, lab_version="1",
        lab_digest="d", change=Change.RISES, before=before, after=after, kept=after,
    )  # fmt: skip
    ledger.regrades.keep(claim, Judged(item=item, result=make.result(row, score=90)))
    ledger.regrades.end(claim)
    now = LabNow(version="1", digest="d", data_digest=None)
    ledger.regrades.publish(row.lab, claim.id, now, reason="a wrong label")


def show(ledger: Ledger, make: Make) -> None:
    row = ledger.submit(make.new(learner="cyd"), Attempts())
    claim = ledger.claim(row.id, make.worker())
    assert claim
    shown = Shown(check="auc", submission=row.id, estimate=make.estimate(0.8))
    assert ledger.finish(claim, make.result(row), shown=[shown])


@pytest.fixture
def used_ledger(ledger: Ledger, ledger_path: Path, make: Make) -> Path:
    """A ledger with a row in every table."""
    row = make.graded(ledger, score=60, rank=make.estimate(0.8))
    closed = make.graded(ledger, lab="c01")
    close(ledger, make, closed)
    regrade(ledger, make, row)
    show(ledger, make)
    ledger.submit(make.new(learner="bob"), Attempts())
    ledger.close()
    assert all(rows(ledger_path).values())
    return ledger_path


@pytest.fixture
def newer(tmp_path: Path) -> Callable[[str], Path]:
    """Return the migrations of a labrun that knows one step more."""

    def write(step: str) -> Path:
        folder = tmp_path / "newer"
        shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        text = (
            "import os\nimport sqlalchemy as sa\nfrom alembic import op\n"
            f"revision = {NEXT!r}\ndown_revision = {HEAD!r}\n"
            f"def upgrade():\n    {step}\n"
        )
        (folder / "versions" / "r9999_next.py").write_text(text)
        return folder

    return write


REBUILD = """with op.batch_alter_table("submissions", recreate="always") as table:
        table.add_column(sa.Column("mood", sa.Text(), nullable=False, server_default="calm"))"""


def test_the_steps_lead_to_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    bring_up_to_date(path)
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_steps_lead_to_the_same_schema_to_the_letter(tmp_path: Path) -> None:
    bring_up_to_date(tmp_path / "stepped.db")
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(tmp_path / "direct.db")))
    metadata.create_all(engine)
    engine.dispose()
    assert schema(tmp_path / "stepped.db") == schema(tmp_path / "direct.db")


def test_the_known_head_is_the_last_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_an_older_ledger_is_upgraded_and_loses_nothing(
    used_ledger: Path, newer: Callable[[str], Path]
) -> None:
    before = rows(used_ledger)
    bring_up_to_date(used_ledger, migrations=newer(REBUILD), head=NEXT)
    after = rows(used_ledger)
    assert revision(used_ledger) == NEXT
    after["submissions"] = [row[:-1] for row in after["submissions"] if row[-1] == "calm"]
    assert after == before


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("op.drop_table('outbox'); op.execute('SELEKT')", "failed: near .SELEKT."),
        ("op.execute('DELETE FROM submissions')", r"would lose the parents of \d+ rows"),
    ],
)
def test_a_step_that_fails_leaves_the_ledger_as_it_was(
    used_ledger: Path, newer: Callable[[str], Path], step: str, said: str
) -> None:
    before = rows(used_ledger)
    with pytest.raises(StoreError, match=said):
        bring_up_to_date(used_ledger, migrations=newer(step), head=NEXT)
    assert rows(used_ledger) == before
    assert revision(used_ledger) == HEAD


def test_an_upgrade_that_is_killed_leaves_the_ledger_as_it_was(
    used_ledger: Path, newer: Callable[[str], Path]
) -> None:
    before = rows(used_ledger)
    folder = newer(f"op.drop_table('outbox'); os.kill(os.getpid(), {signal.SIGKILL})")
    code = (
        "import pathlib, sys\n"
        "from labrun.store.ledger_schema import bring_up_to_date\n"
        "path, migrations = map(pathlib.Path, sys.argv[1:])\n"
        f"bring_up_to_date(path, migrations=migrations, head={NEXT!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(used_ledger), str(folder)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert rows(used_ledger) == before
    assert revision(used_ledger) == HEAD


def test_a_newer_ledger_is_left_alone(
    used_ledger: Path, newer: Callable[[str], Path], clock: Clock
) -> None:
    bring_up_to_date(used_ledger, migrations=newer(REBUILD), head=NEXT)
    before = rows(used_ledger)
    said = f"written by a newer labrun: its tables are at '{NEXT}'"
    with pytest.raises(StoreError, match=said) as refused:
        Ledger.open(used_ledger, clock=clock)
    assert refused.value.help == f"update labrun; this one knows up to '{HEAD}'"
    assert rows(used_ledger) == before


@pytest.mark.parametrize("table", ["experiments", "alembic_version"])
def test_a_database_of_something_else_is_left_alone(
    tmp_path: Path, clock: Clock, table: str
) -> None:
    path = tmp_path / "mlflow.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE {table} (version_num)")
    connection.close()
    with pytest.raises(StoreError, match=f"is a database, but not labrun's: it holds {table}"):
        Ledger.open(path, clock=clock)
    assert list(schema(path)) in ([table], [])


def test_a_ledger_is_made_with_the_folders_it_needs(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "new" / "100% mine" / "ledger.db"
    with Ledger.open(path, clock=clock) as ledger:
        assert ledger.history("ada") == ()
    assert revision(path) == HEAD


def test_many_may_make_the_same_ledger_at_once(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "ledger.db"
    code = (
        "import datetime, pathlib, sys\n"
        "from labrun.store.ledger import Ledger\n"
        "Ledger.open(pathlib.Path(sys.argv[1]), clock=datetime.datetime.now).close()\n"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(3)]
    assert [process.wait() for process in started] == [0, 0, 0]
    with Ledger.open(path, clock=clock) as ledger:
        assert ledger.unfinished() == ()


def test_threads_may_open_one_ledger_at_once(ledger_path: Path, clock: Clock) -> None:
    def look(_: int) -> tuple[Any, ...]:
        with Ledger.open(ledger_path, clock=clock) as ledger:
            return ledger.unfinished()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(look, range(16))) == [()] * 16


def test_a_disk_without_a_write_ahead_log_is_refused(
    ledger_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Network file systems answer so; a database in memory does, too.
    memory = sa.URL.create("sqlite", database=":memory:")
    monkeypatch.setattr("labrun.store.ledger_database.sa.URL.create", lambda *_, **__: memory)
    database = Database(ledger_path, clock=clock)
    said = "cannot use a write-ahead log: its journal mode stays 'memory'"
    with pytest.raises(StoreError, match=said), database.read():
        pass
    database.close()


def test_leaderboards_of_an_older_ledger_are_ranked_as_before(
    ledger: Ledger, ledger_path: Path, tmp_path: Path, make: Make, clock: Clock
) -> None:
    values = [("ada", 0.7), ("bob", 0.9), ("ada", 0.8), ("cy", 0.9), ("dan", None)]
    for place, (learner, value) in enumerate(values):
        rank = None if value is None else make.estimate(value)
        make.graded(
            ledger, learner=learner, content=str(place), score=place, rank=rank, official=place != 3
        )
        clock.advance(seconds=1)
    labs = [make.lab(leaderboard={"check": "auc"}), make.lab()]
    boards = [ledger.board(lab) for lab in labs]
    ledger.close()

    first = tmp_path / "first"
    shutil.copytree(MIGRATIONS, first, ignore=shutil.ignore_patterns("__pycache__", "r000[2-9]*"))
    old = tmp_path / "old.db"
    bring_up_to_date(old, migrations=first, head="0001")
    with sqlite3.connect(old) as connection:
        connection.execute("ATTACH ? AS newer", (str(ledger_path),))
        for table in ("submissions", "grades"):
            connection.execute(f"INSERT INTO {table} SELECT * FROM newer.{table}")  # noqa: S608  (constants)
    connection.close()
    with Ledger.open(old, clock=clock) as upgraded:
        assert [upgraded.board(lab) for lab in labs] == boards
