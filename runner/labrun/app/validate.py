"""Prove a lab: its files, its data, and that each control gets the result it must."""

from collections.abc import Iterator
from pathlib import Path

from labrun.app.bench import Bench, set_up
from labrun.app.check import trial
from labrun.app.progress import Progress
from labrun.app.reach import reachable_secrets
from labrun.app.results import judgement
from labrun.app.settings import Settings
from labrun.app.submit import guard
from labrun.app.unsealed import authors_form, lab_key
from labrun.domain.grade import Grade, Outcome
from labrun.domain.record import Record
from labrun.errors import UserError
from labrun.store.bundles import collect
from labrun.store.labs import check_files
from labrun.store.sealed_lab import is_sealed


class Step(Record):
    """One thing a lab must hold, and whether it does; ``failed`` are the checks a cheat failed."""

    lab: str
    name: str
    passed: bool
    detail: str
    failed: tuple[str, ...] = ()


def validate(folder: Path, *, settings: Settings, progress: Progress) -> Iterator[Step]:
    """Yield what was tried, one step at a time; a lab is valid if every step passed.

    Raises `LabError` where the lab cannot be read at all.
    """
    key = lab_key(settings) if is_sealed(folder) else None
    folder, settings = authors_form(folder, settings)
    bench = set_up(folder, split="hidden", settings=settings, progress=progress)
    slug = bench.lab.slug
    yield Step(lab=slug, name="lab.yaml", passed=True, detail="matches the schema; checks bound")
    problems = check_files(folder, bench.lab)
    yield _step(slug, "files", problems, "everything the lab names is there")
    if bench.data:
        rows = f"{len(bench.data.tables)} tables, hashes match, digest {bench.data.digest[:12]}"
        yield Step(lab=slug, name="data", passed=True, detail=rows)
    if problems:
        return
    with guard(settings):
        controls = bench.lab.controls
        yield _control(bench, "solution", controls.solution, progress)
        yield _control(bench, "baseline", controls.baseline, progress)
        for cheat, check in controls.cheats.items():
            yield _cheat(bench, cheat, check, progress)
        yield _public(folder, settings, progress)
        if bench.sandbox.official:
            found = reachable_secrets(bench, key=key.text if key else None)
            yield _step(slug, "nothing hidden", found, "no hidden byte within a container's reach")


def _step(lab: str, name: str, problems: list[str], well: str) -> Step:
    return Step(lab=lab, name=name, passed=not problems, detail="; ".join(problems) or well)


def _graded(bench: Bench, folder: str, progress: Progress) -> tuple[Grade | None, str]:
    try:
        submission = collect(bench.lab, bench.folder / folder).submission
    except UserError as error:
        return None, str(error)
    evidence, grade = trial(bench, submission, progress)
    if (found := judgement(evidence, grade)).fault:
        return None, found.reason
    return grade, _summary(grade)


def _summary(grade: Grade) -> str:
    parts = []
    for check in grade.results:
        value = check.finding.estimate
        shown = f" {value.value:.4g} [{value.low:.4g}, {value.high:.4g}]" if value else ""
        parts.append(f"{check.id} {check.finding.outcome}{shown} {check.points:g}/{check.of:g}")
    return f"score {grade.score:g}, {grade.verdict} ({'; '.join(parts)})"


def _control(bench: Bench, name: str, expected: str, progress: Progress) -> Step:
    grade, detail = _graded(bench, name, progress)
    passed = grade is not None and grade.verdict == expected
    return Step(lab=bench.lab.slug, name=name, passed=passed, detail=detail)


def _cheat(bench: Bench, cheat: str, check: str, progress: Progress) -> Step:
    grade, detail = _graded(bench, f"cheats/{cheat}", progress)
    stopped = grade is not None and grade.verdict == "failed" and _stops(grade, check)
    return Step(
        lab=bench.lab.slug,
        name=f"cheat {cheat}",
        passed=stopped,
        detail=f"stops at {check}: {detail}" if stopped else f"not stopped at {check}: {detail}",
        failed=_failed(grade) if grade else (),
    )


def _failed(grade: Grade) -> tuple[str, ...]:
    return tuple(each.id for each in grade.results if each.finding.outcome is Outcome.FAILED)


def _stops(grade: Grade, check: str) -> bool:
    result = grade.result(check)
    return result is not None and result.finding.outcome is Outcome.FAILED


def _public(folder: Path, settings: Settings, progress: Progress) -> Step:
    bench = set_up(folder, split="public", settings=settings, progress=progress)
    grade, detail = _graded(bench, "solution", progress)
    failed = [
        check.id
        for check in (grade.results if grade else ())
        if check.finding.outcome is not Outcome.PASSED and check.finding.estimate is None
    ]
    return Step(
        lab=bench.lab.slug,
        name="public checks",
        passed=grade is not None and not failed,
        detail=f"the solution fails {', '.join(failed)}: {detail}" if failed else detail,
    )
