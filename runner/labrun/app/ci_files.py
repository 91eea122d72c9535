"""Write what a continuous-integration run says, one file for each reader."""

from collections.abc import Callable
from pathlib import Path

from labrun.domain.ci_report import Report
from labrun.errors import UserError
from labrun.report import ci_badge
from labrun.report.as_json import ascii_json
from labrun.report.ci_annotations import annotations, code_quality
from labrun.report.ci_junit import junit
from labrun.report.ci_summary import comment, summary
from labrun.store.faults import disk_fault
from labrun.store.workspace import write_whole

REPORT = "report.json"
MOST_REPORT = 64_000_000
FILES: dict[str, Callable[[Report], str]] = {
    REPORT: ascii_json,
    "summary.md": summary,
    "comment.md": comment,
    "annotations.txt": annotations,
    "junit.xml": junit,
    "code-quality.json": code_quality,
    "badge.json": ci_badge.endpoint,
    "badge.svg": ci_badge.picture,
}


def write_report_files(report: Report, folder: Path) -> None:
    """Write every file into ``folder``; each is whole or not there."""
    try:
        for name, render in FILES.items():
            write_whole(folder / name, render(report).encode())
    except OSError as error:
        raise disk_fault(Path(error.filename or folder), error) from error


def read_report(folder: Path) -> Report:
    """Return the report that `write_report_files` put there."""
    path = folder / REPORT
    try:
        with path.open("rb") as file:
            return Report.model_validate_json(file.read(MOST_REPORT))
    except (OSError, ValueError) as error:
        msg = f"{path} is no report of `labrun ci`: {str(error).splitlines()[0]}"
        raise UserError(msg, help="give the folder that was given to --out") from None
