"""The labs there are, and how far a learner is with each."""

from collections.abc import Iterable, Mapping

from labrun.app.recover import open_ledger
from labrun.app.settings import Settings
from labrun.domain.blueprint import Blueprint, Track, meant
from labrun.domain.catalogue import PASSED, CatalogueRow, ExamRow, Group
from labrun.domain.grade import Verdict
from labrun.domain.order import comes_first, in_order, not_yet
from labrun.errors import LabError, UserError
from labrun.store.blueprints import read_blueprints, read_tracks
from labrun.store.labs import find_labs, read_lab
from labrun.store.ledger_records import Entry, State

NOT_WRITTEN = "(not written yet)"
UNKNOWN = "other"  # the track of what cannot be read


def catalogue(settings: Settings, *, track: str | None = None) -> list[CatalogueRow]:
    """Return every lab, or those of one track or exam; raise `UserError` where there is none."""
    groups = [group.rows for group in by_track(settings)]
    if track is None:
        return [row for rows in groups for row in rows]
    return list(labs_of(track, settings))


def by_track(settings: Settings) -> list[Group]:
    """Return the labs by track; the tracks in their order, those without a title last."""
    rows = _rows(settings)
    titled = {each.slug: each for each in read_tracks(settings.exams)}
    others = sorted({row.track for row in rows} - titled.keys())
    known = [*titled.values(), *(_untitled(slug) for slug in others)]
    groups = [
        Group(track=each, rows=_sorted(row for row in rows if row.track == each.slug))
        for each in known
    ]
    return [group for group in groups if group.rows]


def exams(settings: Settings) -> list[ExamRow]:
    """Return the exams there are blueprints of, with the labs each may ask."""
    rows = {row.slug: row for row in _rows(settings)}
    return [_exam(each, rows) for each in read_blueprints(settings.exams)]


def labs_of(name: str, settings: Settings) -> tuple[CatalogueRow, ...]:
    """Return the labs of the track or exam called ``name``; raise `UserError` for neither."""
    groups, all_exams = by_track(settings), exams(settings)
    for group in groups:
        if group.track.slug == name:
            return group.rows
    for exam in all_exams:
        if exam.blueprint.slug == name:
            return exam.rows
    tracks = ", ".join(sorted(group.track.slug for group in groups))
    papers = ", ".join(exam.blueprint.slug for exam in all_exams)
    msg = f"there is no track called {name!r}"
    raise UserError(msg, help=f"tracks: {tracks}" + (f"; exams: {papers}" if papers else ""))


def to_do_before(lab: str, settings: Settings) -> list[CatalogueRow]:
    """Return the labs that ``lab`` builds on and the learner has not passed, in order."""
    rows = {row.slug: row for row in _rows(settings)}
    before = {slug: row.prerequisites for slug, row in rows.items()}
    passed = [slug for slug, row in rows.items() if row.standing == PASSED]
    left = not_yet(comes_first(lab, before), passed)
    return [rows.get(slug) or _missing(slug) for slug in left]


def _rows(settings: Settings) -> list[CatalogueRow]:
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
    return rows


def _sorted(rows: Iterable[CatalogueRow]) -> tuple[CatalogueRow, ...]:
    found = {row.slug: row for row in rows}
    order = in_order({slug: row.prerequisites for slug, row in found.items()})
    return tuple(found[slug] for slug in order)


def _exam(blueprint: Blueprint, rows: Mapping[str, CatalogueRow]) -> ExamRow:
    slugs = {name: meant(name, rows) or name for name in blueprint.labs}
    asked = (rows.get(slug) or _missing(slug) for slug in slugs.values())
    return ExamRow(blueprint=blueprint, rows=_sorted(asked), slugs=slugs)


def _untitled(slug: str) -> Track:
    return Track(slug=slug, title=slug, about="labs that name this track")


def _broken(slug: str, problem: str) -> CatalogueRow:
    return _bare(slug, "(cannot be read)", problem)


def _missing(slug: str) -> CatalogueRow:
    return _bare(slug, NOT_WRITTEN, "there is no such lab here")


def _bare(slug: str, title: str, problem: str) -> CatalogueRow:
    return CatalogueRow(
        slug=slug,
        title=title,
        track=UNKNOWN,
        minutes=0,
        prerequisites=(),
        standing="",
        problem=problem,
    )


def _standing(entries: list[Entry]) -> str:
    graded = [entry for entry in entries if entry.state is State.GRADED and entry.official]
    if any(entry.verdict is Verdict.PASSED for entry in graded):
        return PASSED
    best = max((entry.score or 0 for entry in graded), default=None)
    return "" if best is None else f"best {best:g}"
