"""Put right what an interrupted command left, and say what happened."""

from collections.abc import Callable
from datetime import UTC, datetime

from labrun.app.settings import Settings
from labrun.errors import PlatformError, StoreError
from labrun.sandbox import owner
from labrun.sandbox.glance import nothing_left
from labrun.store.ledger import Ledger
from labrun.store.ledger_records import Kind, Worker


def open_ledger(settings: Settings) -> Ledger:
    """Return the ledger in the home folder, which is made if need be and kept to this user."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        msg = f"cannot make the folder {settings.home}: {error.strerror}"
        raise StoreError(msg, help="set LABRUN_HOME to a folder that can be written") from error
    return Ledger.open(settings.ledger, clock=lambda: datetime.now(UTC))


def this_worker() -> Worker:
    """Return this process as the ledger names it."""
    me = owner.current()
    return Worker(name=f"cli-{me.pid}", host=me.host, pid=me.pid, started=me.started)


def recover(ledger: Ledger, settings: Settings, say: Callable[[str], None]) -> None:
    """Give back submissions whose runner died, and remove the containers it left."""
    for lost in ledger.recover(owner.current().host, is_alive):
        entry = lost.entry
        told = lost.phase and entry.kind is Kind.PRACTICE  # an exam tells nothing of its course
        where = f" in phase {lost.phase!r}" if told else ""
        say(
            f"submission {entry.short} to {entry.lab} was cut off{where}: {lost.why}. Nothing was "
            "counted and its files are kept; submit the same files again to have it graded"
        )
    if settings.sandbox == "docker" and not nothing_left(settings.engine):
        from labrun.sandbox.reaper import reap  # noqa: PLC0415  (the Docker SDK is slow to import)

        try:
            reaped = reap(settings.engine)
        except PlatformError:
            return  # no engine, so no container; whoever needs one will say so
        for each in reaped:
            say(f"removed a container that a killed command left (phase {each.phase or '?'})")


def is_alive(worker: Worker) -> bool:
    """Return whether a process still runs; one of another host is taken to."""
    return owner.is_alive(owner.Owner(host=worker.host, pid=worker.pid, started=worker.started))
