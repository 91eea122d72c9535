"""``labrun submit``."""

import sys
from pathlib import Path

import click

from labrun.app.recording import Recorder
from labrun.app.submit import Preview, Request, preview, submit
from labrun.cli.exam_live import waiting
from labrun.cli.live import Live
from labrun.cli.options import (
    WORK,
    as_json,
    exam,
    key,
    labs_root,
    learner,
    output_format,
    sandbox,
)
from labrun.cli.places import Place, place_of, settings_for
from labrun.cli.settings import read_settings
from labrun.cli.show import exit_code, show_json, show_result
from labrun.domain.result import Result, Status
from labrun.store.git import head_commit
from labrun.store.ledger_records import Chances

LEFT_OUT_SHOWN = 8


@click.command("submit")
@click.argument("folder", type=WORK, default=".")
@click.option("--lab", help="The lab, where the folder was not made by labrun start.")
@click.option("-m", "--message", help="A note to keep with the submission.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
@exam
@output_format
@as_json
@labs_root
@learner
@sandbox
@key
def command(
    folder: Path,
    lab: str | None,
    message: str | None,
    format_: str,
    labs: Path | None,
    learner: str | None,
    sandbox: str | None,
    key: Path | None,
    *,
    dry_run: bool,
    exam: bool,
    as_json: bool,
) -> None:
    """Grade your work for real and keep the grade.

    FOLDER holds your work: this folder unless given; or an archive of it (.zip, .tar, .tar.gz),
    which is read and never unpacked. Exit code 0 passed, 1 graded and not passed,
    2 something you can fix, 3 refused by a rule, 4 labrun failed (nothing counted).
    """
    settings = read_settings(labs=labs, learner=learner, sandbox=sandbox, exam=exam, key=key)
    place = place_of(folder, lab, settings)
    settings = settings_for(place, settings, learner)
    shown = "json" if as_json else format_
    live = Live()
    request = Request(
        lab=place.lab,
        code=place.code,
        learner=settings.learner,
        message=message,
        commit=head_commit(place.code) if place.code.is_dir() else None,
    )
    plan = preview(request, settings, live)
    if dry_run:
        _show_plan(plan, shown)
        return
    if shown == "text":
        _show_plan(plan, shown)
    with waiting(settings):
        done = submit(request, settings, live)
    live.done()
    if done.earlier and shown == "text":
        click.echo("the same files were graded before; nothing was run again and nothing spent")
    show_result(done.result, shown)
    sys.stdout.flush()  # the verdict first: MLflow takes seconds to import
    if done.result.status is Status.GRADED:
        with Recorder(settings) as recorder:
            _record(recorder, done.result, place, shown)
    sys.exit(exit_code(done.result))


def _show_plan(plan: Preview, shown: str) -> None:
    if shown == "json":
        show_json(
            {
                "lab": plan.lab.slug,
                "files": {name: len(body) for name, body in plan.submission.files.items()},
                "sha256": plan.submission.digest,
                "left_out": [each.model_dump() for each in plan.left_out],
                "attempts": plan.chances.model_dump(mode="json"),
                "earlier": plan.earlier,
            }
        )
        return
    for name, body in sorted(plan.submission.files.items()):
        click.echo(f"  send       {name}  {len(body):,} bytes")
    for each in plan.left_out[:LEFT_OUT_SHOWN]:
        click.echo(f"  leave out  {each.path}  ({each.why})")
    if (more := len(plan.left_out) - LEFT_OUT_SHOWN) > 0:
        click.echo(f"  leave out  {more} more")
    click.echo(f"  {_attempts(plan.chances)}")


def _attempts(chances: Chances) -> str:
    if chances.max is None:
        return "attempts are not limited"
    return f"{chances.left} of {chances.max} attempts left before this one"


def _record(recorder: Recorder, result: Result, place: Place, shown: str) -> None:
    """Say where the report is at once; MLflow is told in the background and reports back."""
    news = recorder.record(result, place.workspace.root if place.workspace else None)
    if shown != "text":
        return
    if news.report:
        click.echo(f"report  {news.report}")
    if news.run_url:
        click.echo(f"MLflow  {news.run_url}   (start it with: labrun ui)")
    else:
        click.echo(f"MLflow  not recorded yet: {news.error}; the grade is kept and tried again")
