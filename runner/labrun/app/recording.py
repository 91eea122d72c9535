"""Record: send kept grades to the tracker and write their reports, in a process of its own.

MLflow and matplotlib take seconds to import and hold hundreds of megabytes, so neither is loaded
by the process that grades: a recorder is started beside it, imports them while learner code runs,
and is told when there is something to record.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from labrun.app.recover import open_ledger
from labrun.app.settings import Settings
from labrun.domain.leaderboard import Board
from labrun.domain.record import Record
from labrun.domain.result import Result
from labrun.errors import LabrunError, StoreError, TrackerError
from labrun.report import FORMATS
from labrun.store.labs import find_lab, read_lab
from labrun.store.ledger import Ledger
from labrun.store.ledger_records import Delivery
from labrun.store.workspace import keep_result
from labrun.tracker.base import TRACKERS, Tracker, TrackerEntry

MODULE = "labrun.app.recording_main"


class Recorded(Record):
    """What became of one grade: its run's address, or why there is none yet."""

    submission: str
    run_url: str | None = None
    report: str | None = None
    error: str | None = None


def tracker_for(settings: Settings) -> Tracker:
    """Return the tracker the settings name."""
    tracker: Tracker = TRACKERS["mlflow"](
        uri=settings.mlflow_uri,
        artifacts=None if settings.tracking_uri else settings.mlflow_artifacts,
        ui_url=settings.tracking_uri or settings.ui_url,
    )
    return tracker


def record_pending(settings: Settings) -> Iterator[Recorded]:
    """Yield what became of each grade in the outbox, oldest first; failures stay in it."""
    with open_ledger(settings) as ledger:
        waiting = ledger.pending()
        tracker = tracker_for(settings) if waiting else None
        late: set[str] = set()  # what replaced a result is recorded after that, never before
        for delivery in waiting:
            if tracker and delivery.submission_id not in late:
                done = _record(ledger, tracker, delivery, settings)
                late |= {done.submission} if done.error else set()
                yield done


def _record(ledger: Ledger, tracker: Tracker, what: Delivery, settings: Settings) -> Recorded:
    submission, number = what.submission_id, what.number
    result, evidence = ledger.regrades.result(submission, number)
    try:
        report = write_report(result, settings.home / "reports")
        url = tracker.record(_entry(ledger, result, report, evidence, settings))
    except (TrackerError, StoreError) as error:
        ledger.record_failed(submission, str(error), number=number)
        return Recorded(submission=submission, error=str(error))
    ledger.recorded(submission, url, number=number)
    return Recorded(submission=submission, run_url=url, report=str(report))


def _entry(
    ledger: Ledger, result: Result, report: Path, evidence: str | None, settings: Settings
) -> TrackerEntry:
    from labrun.report.plots import plots_png  # noqa: PLC0415  (draws with matplotlib)

    artifacts = {
        "result.json": FORMATS["json"](result).encode(),
        "report.html": report.read_bytes(),
    }
    artifacts |= {f"plots/{name}": body for name, body in plots_png(result).items()}
    if evidence:
        artifacts["evidence.json"] = json.dumps({"sha256": evidence}).encode()
    return TrackerEntry(result=result, artifacts=artifacts, board=_board(ledger, result, settings))


def _board(ledger: Ledger, result: Result, settings: Settings) -> Board | None:
    try:
        folder = find_lab(settings.labs, result.lab.slug)
        lab = read_lab(folder)
        if result.official:
            _compare(ledger, ledger.board(lab), folder, settings)
        return ledger.board(lab)
    except LabrunError:  # the lab may have been moved since; its grade is recorded all the same
        return None


def _compare(ledger: Ledger, board: Board, folder: Path, settings: Settings) -> None:
    from labrun.app.tiers import compare  # noqa: PLC0415  (needs the grader, which is slow to import)

    compare(ledger, board, folder, settings)


def write_report(result: Result, folder: Path) -> Path:
    """Write the HTML report of a result into ``folder`` and return its path."""
    path = folder / f"{result.submission.id[-6:]}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(FORMATS["html"](result), encoding="utf-8")
    except OSError as error:
        msg = f"cannot write the report {path}: {error.strerror}"
        raise StoreError(msg, help="free some space, then: labrun record") from error
    return path


def ui_server(settings: Settings, *, host: str, port: int) -> list[str]:
    """Return the command that serves MLflow on labrun's own store."""
    from labrun.tracker.mlflow import ui_command  # noqa: PLC0415  (only here is it needed)

    settings.mlflow_artifacts.mkdir(parents=True, exist_ok=True)
    return ui_command(settings.mlflow_uri, settings.mlflow_artifacts, host=host, port=port)


class Recorder:
    """The process that records; it starts warm, works when told, and ends with its block."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start importing what recording needs."""
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self._tell(self._settings.with_secrets())
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Let it go; what it was told to record it finishes."""
        if self._process:
            with contextlib.suppress(BrokenPipeError):
                self._process.communicate()

    def record(self, result: Result, workspace: Path | None) -> Recorded:
        """Record what waits; return what became of ``result``, with its report in the workspace."""
        done = {each.submission: each for each in self.record_all()}
        found = done.get(result.submission.id) or self._earlier(result)
        if workspace and found.report:
            body = Path(found.report).read_text(encoding="utf-8")
            path = keep_result(workspace, result.submission.id[-6:], "html", body)
            return found.model_copy(update={"report": str(path)})
        return found

    def record_all(self) -> list[Recorded]:
        """Record everything that waits, and say what became of it."""
        self._tell("record")
        process = self._process
        line = process.stdout.readline() if process and process.stdout else ""
        if not line:
            return []
        return [Recorded.model_validate(each) for each in json.loads(line)]

    def _earlier(self, result: Result) -> Recorded:
        with open_ledger(self._settings) as ledger:
            delivery = ledger.delivery(result.submission.id)
        report = self._settings.home / "reports" / f"{result.submission.id[-6:]}.html"
        return Recorded(
            submission=result.submission.id,
            run_url=delivery.run_url if delivery else None,
            report=str(report) if report.exists() else None,
            error=(delivery.last_error if delivery else None) or "the recorder gave no answer",
        )

    def _tell(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            if self._process and self._process.stdin:
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()
