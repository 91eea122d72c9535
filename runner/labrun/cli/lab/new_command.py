"""``labrun lab new``."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from labrun.app.new_data import Kind, Material, read_csv
from labrun.app.new_lab import Choices, Made, look, make, refuse_slug, usual_data
from labrun.app.settings import Settings
from labrun.cli.live import Live
from labrun.cli.options import as_json, labs_root
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json
from labrun.errors import UserError
from labrun.store.labs import find_labs, read_lab

LEAST_TITLE = 3


def complete_data(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the data sets, and the CSV files here, that begin so."""
    sets = (path.parent.name for path in read_settings().datasets.glob("*/dataset.yaml"))
    files = (path.name for path in Path.cwd().glob("*.csv"))
    return sorted(name for name in (*sets, *files) if name.startswith(incomplete))


def complete_images(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the images a lab may name that begin so."""
    return [name for name in _images(read_settings()) if name.startswith(incomplete)]


def complete_metrics(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the metrics that begin so."""
    from labrun.grading.metric import METRICS  # noqa: PLC0415  (imports every metric)

    return [name for name in METRICS.all() if name.startswith(incomplete)]


def complete_tracks(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the tracks there are that begin so."""
    return [name for name in _tracks(read_settings()) if name.startswith(incomplete)]


def complete_targets(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the columns of the CSV file named on the line that begin so."""
    data = str(ctx.params.get("data") or "")
    names = map(str, read_csv(Path(data)).columns) if data.lower().endswith(".csv") else ()
    return [name for name in names if name.startswith(incomplete)]


@click.command("new")
@click.argument("slug")
@click.option("--title", help="What learners read.  [default: the slug, in words]")
@click.option("--track", shell_complete=complete_tracks, help="A name to group labs by.")
@click.option("--minutes", type=click.IntRange(min=1), help="How long it takes.")
@click.option("--kind", type=click.Choice([str(each) for each in Kind]), help="What learners do.")
@click.option("--data", shell_complete=complete_data, help="A data set, or a CSV file of yours.")
@click.option("--target", shell_complete=complete_targets, help="The column to be predicted.")
@click.option("--metric", shell_complete=complete_metrics, help="What the score is made of.")
@click.option("--image", shell_complete=complete_images, help="A folder of containers/.")
@click.option("--licence", help="Of a CSV file: under which licence the data is.")
@click.option("--source", help="Of a CSV file: where the data is from, as it is to be cited.")
@click.option("--yes", is_flag=True, help="Ask nothing: take the usual for what is not given.")
@labs_root
@as_json
def command(slug: str, labs: Path | None, *, yes: bool, as_json: bool, **given: Any) -> None:
    """Make a lab that holds from the first minute, and ask what it is to be.

    SLUG becomes the folder's name. The lab is written with starter, tests, solution, baseline
    and two cheats, and its marks are measured. Every question has an option.
    """
    settings = read_settings(labs=labs)
    refuse_slug(slug, settings)
    live = Live()
    ask = _Asked(given, asks=not yes)
    choices, material = _choices(slug, ask, settings, live)
    made = make(choices, material, settings=settings, progress=live)
    live.done()
    if as_json:
        show_json(made.model_dump(mode="json"))
    else:
        _show(made)
    sys.exit(0 if all(step.passed for step in made.steps) else 1)


class _Asked:
    """Answers: an option where one was given, else a question, else what is usual."""

    def __init__(self, given: dict[str, Any], *, asks: bool) -> None:
        self._given = given
        self._asks = asks

    def knows(self, name: str) -> bool:
        """Return whether an option answers the question."""
        return self._given.get(name) is not None

    def __call__(
        self, name: str, question: str, usual: Any, *, among: Sequence[str] | None = None
    ) -> Any:
        if self.knows(name):
            return self._given[name]
        if not self._asks:
            return usual
        kind = click.Choice(among) if among else None
        return click.prompt(question, default=usual, type=kind, show_choices=True)


def _choices(
    slug: str, ask: _Asked, settings: Settings, live: Live
) -> tuple[Choices, Material | None]:
    title = ask("title", "Title", slug.replace("-", " ").capitalize())
    if len(title) < LEAST_TITLE:
        msg = f"the title {title!r} is too short: expected at least {LEAST_TITLE} characters"
        raise UserError(msg, help="say in a few words what learners do")
    tracks = _tracks(settings)
    track = ask("track", f"Track ({', '.join(tracks) or 'a new one'})", (*tracks, "core")[0])
    minutes = ask("minutes", "Minutes it takes", 60)
    kind = Kind(ask("kind", "Kind", str(Kind.CLASSIFICATION), among=[str(each) for each in Kind]))
    material = None if kind is Kind.FUNCTIONS else _material(kind, ask, settings, live)
    metric, own = None, {}
    if material and kind is not Kind.CLUSTERING:
        metric = ask("metric", "Metric", material.metrics[0], among=material.metrics)
    image = ask("image", "Image", "cpu", among=_images(settings))
    if material and material.csv:
        own["licence"] = ask("licence", "Licence of the data", "not stated")
        own["source"] = ask("source", "Where the data is from", material.csv.name)
    choices = Choices(
        slug=slug,
        title=title,
        track=track,
        minutes=int(minutes),
        kind=kind,
        metric=metric,
        image=image,
        **own,
    )
    return choices, material


def _material(kind: Kind, ask: _Asked, settings: Settings, live: Live) -> Material:
    usual = None if ask.knows("data") else usual_data(kind, settings, live)
    data = ask("data", "Data (a data set, or the path of a CSV file)", usual)
    if data is None:
        msg = f"no data set of {settings.datasets} fits a lab of kind {str(kind)!r}"
        raise UserError(msg, help="bring one: --data FILE.csv --target COLUMN")
    target = None
    if data.lower().endswith(".csv"):
        columns = [str(name) for name in read_csv(Path(data).expanduser()).columns]
        target = ask("target", f"Column to be predicted ({', '.join(columns)})", None)
    return look(data, kind=kind, target=target, settings=settings, progress=live)


def _tracks(settings: Settings) -> list[str]:
    if not settings.labs.is_dir():
        return []
    found = set()
    for folder in find_labs(settings.labs).values():
        try:
            found.add(read_lab(folder).track)
        except UserError:
            continue
    return sorted(found)


def _images(settings: Settings) -> list[str]:
    files = settings.containers.glob("*/Dockerfile")
    return sorted({path.parent.name for path in files} - {"base"}) or ["cpu"]


def _show(made: Made) -> None:
    for path in made.files:
        click.echo(f"  wrote  {made.lab / path}")
    if made.dataset:
        click.echo(f"  wrote  {made.dataset}")
    if made.marks:
        marks = made.marks
        click.echo(f"\n{made.metric}: baseline {marks.baseline}, solution {marks.solution}")
        click.echo(f"  marks proposed: floor {marks.floor}, full {marks.full}")
    click.echo("")
    for step in made.steps:
        click.echo(f"{'ok  ' if step.passed else 'FAIL'}  {step.name}: {step.detail}")
    slug = made.lab.name
    click.echo(f"\nMake it yours: README.md, starter/ and the tests of {made.lab}, then:")
    click.echo(f"  labrun lab validate {slug}    prove it in the real sandbox")
    click.echo(f"  labrun lab preview {slug}     see what a learner sees")
    click.echo(f"  labrun lab audit {slug}       look for leaks and other faults")
    click.echo(f"  labrun lab calibrate {slug}   measure its marks over many seeds")
