"""The labs there are, and how far a learner is with each."""

from labrun.app.recover import open_ledger
from labrun.app.settings import Settings
from labrun.domain.grade import Verdict
from labrun.domain.record import Record
from labrun.errors import LabError, UserError
from labrun.store.labs import find_labs, read_lab
from labrun.store.ledger_records import Entry, State


class CatalogueRow(Record):
    """One lab as a learner chooses it; ``problem`` says why it cannot be used."""

    slug: str
    title: str
    track: str
    minutes: int
    prerequisites: tuple[str, ...]
    standing: str
    problem: str | None = None


def catalogue(settings: Settings, *, track: str | None = None) -> list[CatalogueRow]:
    """Return every lab, or those of one track; raise `UserError` for a track without labs."""
    mine: dict[str, list[Entry]] = {}
    if settings.ledger.exists():
        with open_ledger(settings) as ledger:
            for entry in ledger.history(settings.learner):
                mine.setdefault(entry.lab, []).append(entry)
    rows = []
    for slug, folder in sorted(find_labs(settings.labs).items()):
        try:
            lab = read_lab(folder)
        except LabError as error:
            problem = str(error).partition("\n")[0]
            rows.append(_broken(slug, problem))
            continue
        rows.append(
            CatalogueRow(
                slug=slug,
                title=lab.title,
                track=lab.track,
                minutes=lab.minutes,
                prerequisites=lab.prerequisites,
                standing=_standing(mine.get(slug, [])),
            )
        )
    if track and not any(row.track == track for row in rows):
        msg = f"there is no track called {track!r}"
        raise UserError(msg, help=f"tracks: {', '.join(sorted({row.track for row in rows}))}")
    return [row for row in rows if track in (None, row.track)]


def _broken(slug: str, problem: str) -> CatalogueRow:
    return CatalogueRow(
        slug=slug,
        title="(cannot be read)",
        track="?",
        minutes=0,
        prerequisites=(),
        standing="",
        problem=problem,
    )


def _standing(entries: list[Entry]) -> str:
    graded = [entry for entry in entries if entry.state is State.GRADED and entry.official]
    if any(entry.verdict is Verdict.PASSED for entry in graded):
        return "passed"
    best = max((entry.score or 0 for entry in graded), default=None)
    return "" if best is None else f"best {best:g}"
