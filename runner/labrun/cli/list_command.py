"""``labrun list``."""

from collections.abc import Sequence
from pathlib import Path

import click

from labrun.app.catalogue import by_track, catalogue, exams
from labrun.cli.options import as_json, labs_root, learner
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json, table
from labrun.domain.blueprint import code_of
from labrun.domain.catalogue import PASSED, CatalogueRow, ExamRow, Group

HEADERS = ["LAB", "TITLE", "TIME", "FIRST", "YOU", ""]
BEGIN = "\nBegin one with: labrun start LAB"


@click.command("list")
@click.option("--track", help="Only the labs of this track, or of this exam.")
@click.option("--markdown", is_flag=True, help="Print a page of all tracks and exams.")
@labs_root
@learner
@as_json
def command(
    track: str | None, labs: Path | None, learner: str | None, *, markdown: bool, as_json: bool
) -> None:
    """List the labs by track, with what you have passed."""
    settings = read_settings(labs=labs, learner=learner)
    if as_json:
        rows = catalogue(settings, track=track)
        show_json([row.model_dump(mode="json") for row in rows])
    elif markdown:
        from labrun.report.tracks_page import tracks_page  # noqa: PLC0415  (when it is used)

        click.echo(tracks_page(by_track(settings), exams(settings)), nl=False)
    elif track:
        rows = catalogue(settings, track=track)
        click.echo(table(HEADERS, [_cells(row) for row in rows]))
        click.echo(f"\n{_progress(rows)}{BEGIN}")
    else:
        _show_all(by_track(settings), exams(settings))


def _show_all(groups: Sequence[Group], papers: Sequence[ExamRow]) -> None:
    cells = [_cells(row) for group in groups for row in group.rows]
    head, *lines = table(HEADERS, cells).splitlines()
    click.echo(head)
    left = iter(lines)
    for group in groups:
        click.echo(f"\n{group.track.title}: {group.track.about} ({_progress(group.rows)})")
        for _ in group.rows:
            click.echo(next(left))
    if papers:
        click.echo("\nExams (labrun list --track EXAM shows one)")
        rows = [[p.blueprint.slug, p.blueprint.title, _progress(p.rows)] for p in papers]
        for row in table(["", "", ""], rows).splitlines()[1:]:
            click.echo(row)
    click.echo(BEGIN)


def _cells(row: CatalogueRow) -> list[str]:
    time = f"{row.minutes} min" if row.minutes else ""
    first = " ".join(_short(each) for each in row.prerequisites)
    return [row.slug, row.title, time, first, row.standing, row.problem or ""]


def _short(slug: str) -> str:
    return slug.partition("-")[0] if code_of(slug) else slug


def _progress(rows: Sequence[CatalogueRow]) -> str:
    passed = sum(row.standing == PASSED for row in rows)
    missing = sum(row.problem is not None for row in rows)
    return f"{passed} of {len(rows)} passed" + (f", {missing} not here yet" if missing else "")
