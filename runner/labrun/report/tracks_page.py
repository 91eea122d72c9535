"""Tracks and exams, as a page for a course."""

from collections.abc import Iterable, Mapping, Sequence

from labrun.domain.blueprint import Blueprint, Draw
from labrun.domain.catalogue import CatalogueRow, ExamRow, Group
from labrun.report.as_markdown import escaped

HEAD = """# Tracks and exams

This page is written by `labrun list --markdown`; a test keeps it true. Tracks group labs by what
they are about, blueprints say what an exam is made of. Both are files in `exams/`. Begin a lab with
`labrun start LAB`.
"""


def tracks_page(groups: Sequence[Group], exams: Sequence[ExamRow]) -> str:
    """Return the page; nothing on it depends on who asks."""
    parts = [HEAD, "## Tracks\n", *(_group(each) for each in groups)]
    if exams:
        parts += ["## Exams\n", *(_exam(each) for each in exams)]
    return "\n".join(parts)


def _group(group: Group) -> str:
    total = sum(row.minutes for row in group.rows)
    about = f"{escaped(group.track.about)}; {_hours(total)} in all."
    return f"### {escaped(group.track.title)}\n\n{about}\n\n{_labs(group.rows)}\n"


def _labs(rows: Iterable[CatalogueRow]) -> str:
    cells = [
        [f"`{row.slug}`", escaped(row.title), f"{row.minutes} min", _names(row.prerequisites)]
        for row in rows
    ]
    return _table(["lab", "title", "time", "first do"], cells)


def _exam(exam: ExamRow) -> str:
    plan = exam.blueprint
    rules = [f"{_hours(plan.minutes)}, {plan.pass_score:g} of 100 passes"]
    if plan.domain_minimum:
        rules.append(f"and no domain below {plan.domain_minimum:g}")
    if plan.must_pass:
        rules.append(f"and {_named(plan.must_pass, exam.slugs)} must be passed")
    lines = [f"### {escaped(plan.title)}", "", f"{', '.join(rules)}.", ""]
    if plan.compulsory:
        lines.append(f"- Compulsory: {_named(plan.compulsory, exam.slugs)}")
    lines += [_draw(draw, exam.slugs) for draw in plan.draws]
    if missing := [row.slug for row in exam.rows if row.problem]:
        lines.append(f"- Not written yet: {_names(missing)}")
    return "\n".join((*lines, "", _domains(plan, exam.slugs), ""))


def _draw(draw: Draw, slugs: Mapping[str, str]) -> str:
    such_as = f"; one at least of: {_named(draw.one_of, slugs)}" if draw.one_of else ""
    return f"- {draw.count} drawn of: {_named(draw.labs, slugs)}{such_as}"


def _domains(plan: Blueprint, slugs: Mapping[str, str]) -> str:
    cells = [
        [escaped(each.title), f"{each.weight} %", _named(each.labs, slugs)] for each in plan.domains
    ]
    return _table(["domain", "weight", "labs"], cells)


def _named(names: Iterable[str], slugs: Mapping[str, str]) -> str:
    return _names(slugs[name] for name in names)


def _names(slugs: Iterable[str]) -> str:
    return ", ".join(f"`{slug}`" for slug in slugs)


def _hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest else [])])


def _table(head: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *cells]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
