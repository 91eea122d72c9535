"""``labrun grade``."""

import csv
import sys
from pathlib import Path
from typing import IO

import click

from labrun.app.grade_folder import Row, grade_folders, submissions_in
from labrun.app.recording import Recorder
from labrun.cli.live import Live
from labrun.cli.options import WORK, as_json, complete_labs, exam, jobs, key, labs_root, sandbox
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json
from labrun.store.labs import find_lab

COLUMNS = ("learner", "status", "verdict", "score", "submission", "note", "path")


@click.command("grade")
@click.argument("paths", nargs=-1, required=True, type=WORK, metavar="PATH…")
@click.option("--lab", required=True, help="The lab.", shell_complete=complete_labs)
@jobs
@click.option(
    "--csv",
    "csv_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the rows to this CSV file.",
)
@exam
@labs_root
@sandbox
@key
@as_json
def command(
    paths: tuple[Path, ...],
    lab: str,
    jobs: int,
    csv_path: Path | None,
    labs: Path | None,
    sandbox: str | None,
    key: Path | None,
    *,
    exam: bool,
    as_json: bool,
) -> None:
    """Grade a folder of submissions, one subfolder a learner.

    Each PATH is one submission or a folder of them; the subfolder's name is the learner. An
    archive (.zip, .tar, .tar.gz) is a submission too, and is read, never unpacked. Run
    again, it goes on where it stopped: what was graded is not run again. Exit code 4 if any
    submission could not be graded.
    """
    settings = read_settings(labs=labs, sandbox=sandbox, exam=exam, key=key)
    folders = submissions_in(paths)
    live = Live()
    rows = []
    with Recorder(settings) as recorder:
        graded = grade_folders(
            find_lab(settings.labs, lab), folders, jobs=jobs, settings=settings, progress=live
        )
        for number, row in enumerate(graded, 1):
            rows.append(row)
            live.say(f"[{number}/{len(folders)}] {_line(row)}")
        recorder.record_all()
    if csv_path:
        with csv_path.open("w", encoding="utf-8", newline="") as file:
            _write(rows, file)
    if as_json:
        show_json([row.model_dump(mode="json") for row in rows])
    elif csv_path is None:
        _write(rows, sys.stdout)
    sys.exit(4 if any(row.error for row in rows) else 0)


def _line(row: Row) -> str:
    if row.result is None:
        return f"{row.learner}  {row.error}"
    score = "" if row.result.score is None else f"  {row.result.score:g}"
    again = "  (graded before)" if row.earlier else ""
    return f"{row.learner}  {row.result.verdict or row.result.status}{score}{again}"


def _write(rows: list[Row], file: IO[str]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        result = row.result
        writer.writerow(
            [
                _inert(row.learner),
                result.status if result else "error",
                (result.verdict or "") if result else "",
                "" if result is None or result.score is None else f"{result.score:g}",
                result.submission.id if result else "",
                _inert(row.error or (result.reason if result else "")),
                _inert(str(row.path)),
            ]
        )


def _inert(text: str) -> str:
    # A spreadsheet runs what begins like a formula, and a learner may name a folder so.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
