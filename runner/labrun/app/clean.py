"""Remove what can be made again, and nothing else."""

import shutil
from datetime import UTC, datetime, timedelta

from labrun.app.progress import Progress
from labrun.app.recover import open_ledger, recover
from labrun.app.settings import Settings
from labrun.domain.record import Record
from labrun.errors import PlatformError, StoreError
from labrun.standby.client import end
from labrun.store.evidence import EvidenceStore

YOUNG = timedelta(hours=1)  # what another command is just writing is not yet in the ledger


class Cleaned(Record):
    """How much was removed."""

    containers: int
    blobs: int
    datasets: int


def clean(settings: Settings, *, data: bool, progress: Progress) -> Cleaned:
    """Remove containers of dead commands and evidence no grade refers to; on request, data.

    Containers and processes that wait for the next command are ended, too.
    """
    with open_ledger(settings) as ledger:
        recover(ledger, settings, progress.say)
        kept = ledger.kept_digests()
        pruned = EvidenceStore(settings.evidence).prune(kept, before=datetime.now(UTC) - YOUNG)
    return Cleaned(
        containers=_containers(settings, progress),
        blobs=pruned.files,
        datasets=_datasets(settings) if data else 0,
    )


def _containers(settings: Settings, progress: Progress) -> int:
    from labrun.sandbox.pool import ask  # noqa: PLC0415  (only containers have one)
    from labrun.sandbox.reaper import reap  # noqa: PLC0415  (the Docker SDK is slow to import)

    end(settings.home)
    emptied = ask(settings.home, {"do": "empty"}) or {}
    try:
        return len(reap(settings.engine)) + int(emptied.get("removed", 0))
    except PlatformError as error:
        progress.say(f"containers were not looked for: {error}")
        return 0


def _datasets(settings: Settings) -> int:
    roots = [root for root in (settings.data, settings.opened) if root.is_dir()]
    folders = [path for root in roots for path in root.iterdir() if path.is_dir()]
    try:
        for folder in folders:
            shutil.rmtree(folder)
    except OSError as error:
        msg = f"cannot remove {error.filename}: {error.strerror}"
        raise StoreError(msg, help="check who owns the files there") from error
    return len(folders)
