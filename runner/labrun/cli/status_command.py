"""``labrun status``."""

import click

from labrun.app.standing import status_of, unfinished
from labrun.cli.live import Live
from labrun.cli.options import as_json
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json, table
from labrun.store.ledger_records import Entry, Event


@click.command("status")
@click.argument("submission", required=False)
@as_json
def command(submission: str | None, *, as_json: bool) -> None:
    """Show how a submission, or everything unfinished, stands."""
    settings = read_settings()
    if submission:
        entry, events, url = status_of(submission, settings, Live())
        _one(entry, events, url, as_json=as_json)
        return
    entries, waiting = unfinished(settings, Live())
    if as_json:
        rows = [entry.model_dump(mode="json") for entry in entries]
        show_json({"unfinished": rows, "outbox": waiting})
        return
    if entries:
        cells = [[e.short, e.lab, e.learner, e.state, e.phase or "", e.why] for e in entries]
        click.echo(table(["ID", "LAB", "LEARNER", "STATE", "PHASE", "WHY"], cells))
    else:
        click.echo("nothing is unfinished")
    if waiting:
        click.echo(f"{waiting} grades wait for MLflow; send them with: labrun record")


def _one(entry: Entry, events: tuple[Event, ...], url: str | None, *, as_json: bool) -> None:
    if as_json:
        happened = [event.model_dump(mode="json") for event in events]
        show_json({**entry.model_dump(mode="json"), "events": happened, "run_url": url})
        return
    click.echo(f"{entry.short}  {entry.lab} {entry.lab_version}  by {entry.learner}")
    verdict = f"  {entry.verdict}, score {entry.score:g}" if entry.score is not None else ""
    click.echo(f"  {entry.state}{verdict}  {entry.why}".rstrip())
    for event in events:
        facts = "  ".join(
            f"{key} {value}" for key, value in event.data.items() if value is not None
        )
        click.echo(f"  {event.at:%Y-%m-%d %H:%M:%S}  {event.kind}  {facts}".rstrip())
    if url:
        click.echo(f"  MLflow  {url}")
