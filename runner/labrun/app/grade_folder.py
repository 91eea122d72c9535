"""Grade a folder of submissions, one subfolder a learner, several at a time."""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from labrun.app.bench import Bench, set_up
from labrun.app.exam import refuse_unfit
from labrun.app.exam_use import refuse_practice_only
from labrun.app.progress import Progress, Silence
from labrun.app.recover import open_ledger, recover
from labrun.app.settings import Settings
from labrun.app.submit import Request, guard, submit_on
from labrun.domain.lab import Attempts
from labrun.domain.mode import Mode
from labrun.domain.record import Record
from labrun.domain.result import Result
from labrun.errors import LabrunError, UserError
from labrun.store.archives import is_archive_name, stem_of
from labrun.store.intake import printable
from labrun.store.ledger import Ledger

UNLIMITED = Attempts(invalid_max=1_000_000)


class Row(Record):
    """What became of one submission: a result, or the error that kept it from one."""

    learner: str
    path: Path
    result: Result | None = None
    earlier: bool = False
    error: str | None = None


def submissions_in(paths: Sequence[Path]) -> list[Path]:
    """Return what to grade: a path itself if it is an archive or holds files, else what is in it.

    Folders and archives in it are a submission each; with other files in it, it is one itself.
    """
    found: list[Path] = []
    for path in paths:
        if _is_archive(path):
            found.append(path)
            continue
        if not path.is_dir():
            msg = f"{path} is not a folder"
            raise UserError(msg, help="give a folder of submissions, one subfolder a learner")
        inside = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
        holds_files = any(entry.is_file() and not _is_archive(entry) for entry in inside)
        each = [entry for entry in inside if entry.is_dir() or _is_archive(entry)]
        found += [path] if holds_files else each
    if not found:
        msg = f"there is no submission in {', '.join(map(str, paths))}"
        raise UserError(msg, help="expected: FOLDER/<learner>/solution.py, or <learner>.zip")
    return found


def _is_archive(path: Path) -> bool:
    return is_archive_name(path.name) and path.is_file() and not path.is_symlink()


def grade_folders(
    lab: Path, folders: Sequence[Path], *, jobs: int, settings: Settings, progress: Progress
) -> Iterator[Row]:
    """Yield one row a folder in the order given; run again, it goes on where it stopped."""
    with contextlib.ExitStack() as stack:
        ledger = stack.enter_context(open_ledger(settings))
        recover(ledger, settings, progress.say)
        bench = set_up(lab, split="hidden", settings=settings, progress=progress)
        stack.enter_context(guard(settings))
        if bench.mode is Mode.EXAM:
            refuse_practice_only(bench.lab)
            refuse_unfit(bench.sandbox, settings, progress.say)
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=jobs))
        stop = threading.Event()
        stack.callback(stop.set)
        yield from pool.map(lambda folder: _one(bench, folder, settings, ledger, stop), folders)


def _one(
    bench: Bench, folder: Path, settings: Settings, ledger: Ledger, stop: threading.Event
) -> Row:
    name = folder.resolve().name  # a marker inside could claim to be anyone
    learner = printable(stem_of(name)) if _is_archive(folder) else name
    if stop.is_set():
        return Row(learner=learner, path=folder, error="not graded: the command was stopped")
    request = Request(lab=bench.folder, code=folder, learner=learner, rules=UNLIMITED)
    try:
        done = submit_on(bench, request, settings, Silence(), ledger=ledger)
    except LabrunError as error:
        return Row(learner=learner, path=folder, error=str(error))
    return Row(learner=learner, path=folder, result=done.result, earlier=done.earlier)
