"""``labrun similarity``."""

from datetime import UTC, datetime
from pathlib import Path

import click

from labrun.app.similarity import Question, similarity, write_page
from labrun.cli.live import Live
from labrun.cli.options import FOLDER, as_json, complete_labs, labs_root
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json
from labrun.report.similarity import similarity_text


@click.command("similarity")
@click.argument("lab", shell_complete=complete_labs)
@click.argument("paths", nargs=-1, type=FOLDER, metavar="[PATH]…")
@click.option(
    "--threshold",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Show the code of pairs that score at least this.",
)
@click.option("--all", "every", is_flag=True, help="All of a learner's submissions, not the best.")
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the page. [default: reports/similarity-LAB.html of the home folder]",
)
@click.option("--open", "open_", is_flag=True, help="Open the page in a browser.")
@labs_root
@as_json
def command(
    lab: str,
    paths: tuple[Path, ...],
    threshold: float,
    page: Path | None,
    labs: Path | None,
    *,
    every: bool,
    open_: bool,
    as_json: bool,
) -> None:
    """Compare the submissions of a lab with each other (for trainers).

    Of each learner the best submission; or the folders given, as labrun grade takes them. Renamed
    variables and reordered functions do not hide a copy; starter code does not count. What comes
    out is a hint for a person, names learners and shows their code: keep it from learners.
    """
    settings = read_settings(labs=labs)
    question = Question(lab=lab, folders=paths, every=every, threshold=threshold)
    found = similarity(question, settings, Live(), now=datetime.now(UTC))
    path = page or settings.home / "reports" / f"similarity-{found.lab}.html"
    write_page(found, path)
    if as_json:
        show_json({**found.model_dump(mode="json"), "page": str(path)})
    else:
        click.echo(similarity_text(found), nl=False)
        click.echo(f"page  {path}")
    if open_:
        click.launch(path.resolve().as_uri())
