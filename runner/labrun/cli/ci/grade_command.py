"""``labrun ci grade``."""

import sys
from pathlib import Path
from typing import Any

import click

from labrun.app.ci import grade_pull_request
from labrun.app.recording import Recorder
from labrun.app.settings import Settings
from labrun.cli.ci_options import asked, only, out, pull_request, show_report
from labrun.cli.live import Live
from labrun.cli.options import as_json, exam, key, labs_root, sandbox
from labrun.cli.settings import read_settings


@click.command("grade")
@pull_request
@only
@out
@click.option("--record/--no-record", default=True, show_default=True, help="Tell MLflow.")
@exam
@labs_root
@sandbox
@key
@as_json
def command(
    only: str | None,
    out: Path | None,
    labs: Path | None,
    sandbox: str | None,
    key: Path | None,
    *,
    record: bool,
    exam: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Grade what a pull request hands in, by the rules of a trusted commit.

    Labs, data, marks and rules are those of --trusted. Of the pull request only the files that a
    lab asks for are read, as Git stores them; nothing of it is checked out or run outside the
    sandbox. Files that were graded before get their earlier result. Exit code: the worst of its
    folders; 3 where it changes what it may not, and then nothing is run.
    """
    settings = read_settings(labs=labs, sandbox=sandbox, exam=exam, key=key)
    live = Live()
    what = asked(options, labs, only)
    report = grade_pull_request(what, settings, live, done=_record if record else _forget)
    live.done()
    show_report(report, out, as_json=as_json)
    sys.exit(report.code)


def _record(settings: Settings) -> None:
    with Recorder(settings) as recorder:
        recorder.record_all()


def _forget(_settings: Settings) -> None:
    """Leave the grades in the outbox: `labrun record` sends them."""
