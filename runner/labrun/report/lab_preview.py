"""A lab from the learner's side, as text or as one page."""

from collections.abc import Iterator
from importlib import resources

from labrun.domain.preview import CheckShown, FileShown, LabPreview, TableShown, Told
from labrun.report.as_text import as_text
from labrun.report.printable import one_line, printable
from labrun.report.readme_text import readme_text
from labrun.report.wording import plural, size

WIDEST = 18
REVEALED = {
    "all": "each failed test by name",
    "hint": "hints of failed tests",
    "outcome": "passed or failed, nothing more",
}


def preview_text(preview: LabPreview) -> str:
    """Return everything, section by section, for a terminal."""
    lines = [f"lab {preview.lab.slug} {preview.lab.version}: {one_line(preview.lab.title)}"]
    lines += [f"  {fact}" for fact in facts(preview)]
    lines += ["", f"`labrun start {preview.lab.slug}` gives", *_files(preview.files)]
    lines += ["", "README.md reads", *_indented(printable(readme_text(preview.readme), 100_000))]
    for table in preview.tables:
        lines += ["", *_table(table)]
    lines += ["", "limits", *(f"  {line}" for line in limits(preview))]
    lines += ["", "checks", *(f"  {line}" for each in preview.checks for line in _check(each))]
    for each in preview.told:
        lines += ["", f"who hands in {each.name}/ is told", *_indented(told(each))]
    lines += ["", "not given to learners (these names are for you)", *_files(preview.withheld)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def preview_html(preview: LabPreview) -> str:
    """Return one self-contained page: no script, nothing fetched."""
    import jinja2  # noqa: PLC0415  (heavy, and only a page needs it)

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = resources.files("labrun.report").joinpath("lab_preview.html").read_text("utf-8")
    return environment.from_string(template).render(
        preview=preview,
        lab=preview.lab,
        facts=facts(preview),
        readme=printable(readme_text(preview.readme), 100_000),
        limits=limits(preview),
        revealed=revealed,
        told=told,
        size=size,
        one_line=one_line,
    )


def facts(preview: LabPreview) -> Iterator[str]:
    """Yield what the lab says of itself, and what an attempt is."""
    lab = preview.lab
    yield f"track {lab.track}, about {lab.minutes} minutes, image {lab.image}"
    if lab.objectives:
        yield f"teaches {', '.join(lab.objectives)}"
    if lab.prerequisites:
        yield f"comes after {', '.join(lab.prerequisites)}"
    rules = lab.submission
    yield (
        f"hand in {', '.join(rules.require)}; sent are {', '.join(rules.allow)}, "
        f"at most {plural(rules.max_files, 'file')} of {rules.max_mb:g} MB together"
    )
    attempts = lab.attempts
    many = "no limit of attempts" if attempts.max is None else plural(attempts.max, "attempt")
    wait = f", {attempts.cooldown_minutes:g} minutes apart" if attempts.cooldown_minutes else ""
    yield f"{many}{wait}; passes with {lab.grading.pass_score:g} of 100 and every gate"


def limits(preview: LabPreview) -> Iterator[str]:
    """Yield the limits of each phase, or those of the tests where there is no phase."""
    rows = [(each.name, each.entry, each.limits) for each in preview.phases]
    for name, entry, each in rows or [("tests", "", preview.lab.limits)]:
        yield (
            f"{name} {entry}: {each.wall_seconds:g} s, {each.memory_mb} MB, {each.cpus:g} cpu, "
            f"{each.pids} processes, {each.output_mb} MB of output"
        )


def revealed(check: CheckShown) -> str:
    """Return what a learner is told of a failed check that runs tests."""
    return REVEALED[check.reveal] if check.type == "hidden-tests" else ""


def told(each: Told) -> str:
    """Return what `labrun submit` prints."""
    return as_text(each.result) if each.result else printable(each.error)


def _files(files: tuple[FileShown, ...]) -> Iterator[str]:
    width = max((len(each.path) for each in files), default=0)
    for each in files:
        yield f"  {one_line(each.path).ljust(width)}  {size(each.bytes)}"


def _indented(text: str) -> list[str]:
    return [f"  | {line}" for line in text.splitlines()]


def _table(table: TableShown) -> Iterator[str]:
    yield f"table {table.name}: {plural(table.rows, 'row')}, {plural(len(table.columns), 'column')}"
    for at, column in enumerate(table.columns):
        empty = f", {column.missing:,} empty" if column.missing else ""
        examples = ", ".join(one_line(row[at], WIDEST) for row in table.first)
        yield f"  {one_line(column.name)} ({column.dtype}{empty}): {examples}"


def _check(check: CheckShown) -> Iterator[str]:
    where = "labrun check and submit" if check.public else "submit only"
    gate = ", gate" if check.gate else ""
    yield f"{check.id} ({check.type}, {check.points:g} points{gate}): {one_line(check.title)}"
    needs = f"after {', '.join(check.needs)}" if check.needs else ""
    for part in (check.mark, revealed(check), needs, where):
        if part:
            yield f"    {part}"
