"""Look for faults of quality in a lab and its data, before a learner finds them."""

from collections.abc import Iterator
from pathlib import Path

from labrun.app.audit_bytes import label_bytes
from labrun.app.bench import prepared
from labrun.app.progress import Progress
from labrun.app.settings import Settings
from labrun.app.unsealed import authors_form
from labrun.domain.audit import Flaw, FlawName, Severity
from labrun.domain.lab import CheckSpec, Lab
from labrun.errors import LabError
from labrun.grading.audit.drift import drift
from labrun.grading.audit.rows import conflicts, duplicates, groups, near_duplicates
from labrun.grading.audit.strength import ids, row_order, single_features, target_copies
from labrun.grading.audit.subject import Columns, Mark, Side, Subject, Test
from labrun.grading.audit.worth import hidden_size, majority, missing
from labrun.grading.check import bind
from labrun.grading.checks.threshold import ThresholdOptions
from labrun.grading.constants import earned_by_constants
from labrun.grading.grader import Grader
from labrun.grading.predictions import Array
from labrun.store.datasets import Prepared
from labrun.store.labs import read_lab

TESTS: tuple[Test, ...] = (
    majority,
    target_copies,
    single_features,
    ids,
    row_order,
    duplicates,
    near_duplicates,
    conflicts,
    groups,
    hidden_size,
    missing,
    drift,
)
ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


def audit(
    folder: Path, *, settings: Settings, progress: Progress, exam: bool = False
) -> list[Flaw]:
    """Return what was found, the worst first; what lab.yaml allows carries its reason.

    ``exam`` holds a lab for practice too to what a certificate needs. Raises `LabError` where the
    lab or its data cannot be read.
    """
    folder, settings = authors_form(folder, settings)
    lab = read_lab(folder)
    data = prepared(lab, settings, progress)
    found: list[Flaw] = []
    for subject in subjects(lab, data, exam=exam or lab.use.exam):
        progress.say(f"{lab.slug}: looking at {subject.hidden.name}")
        for test in TESTS:
            found += test(subject)
    found += _constants(lab, data)
    found += label_bytes(folder, lab, data)
    return sorted(
        _settled(lab, found), key=lambda flaw: (bool(flaw.allowed), ORDER.index(flaw.severity))
    )


def _settled(lab: Lab, found: list[Flaw]) -> list[Flaw]:
    """Return each flaw once, with the reason for which the lab allows it."""
    once = {(flaw.name, flaw.where, flaw.says): flaw for flaw in found}
    reasons = lab.audit.allow
    return [flaw.model_copy(update={"allowed": reasons.get(flaw.name)}) for flaw in once.values()]


def _constants(lab: Lab, data: Prepared | None) -> Iterator[Flaw]:
    """Find a prediction that is the same for every row, and yet earns points."""
    if data is None:
        return
    truth = {name: data.columns(name, "hidden") for name in Grader(lab).truth_tables}
    best = max(earned_by_constants(lab, truth), key=lambda each: each.points, default=None)
    if best and best.points > 0:
        yield Flaw(
            lab=lab.slug,
            name=FlawName.CONSTANT_EARNS,
            severity=Severity.ERROR,
            where="threshold checks",
            says=f"who says for every row: {best.said}, earns {best.points:g} points",
            number=best.points,
            help="move the mark, or let the check need one that a constant fails",
        )


def subjects(lab: Lab, data: Prepared | None, *, exam: bool) -> Iterator[Subject]:
    """Yield each pair of rows to be predicted and their truth that a check of the lab judges."""
    if data is None:
        return
    made: dict[tuple[str, str, str], list[tuple[CheckSpec, ThresholdOptions]]] = {}
    for spec in lab.checks:
        options = bind(lab, spec).options
        if not isinstance(options, ThresholdOptions):
            continue
        target = options.column or _only_column(data, options.truth)
        for table in _judged_tables(lab, data, options):
            made.setdefault((table, options.truth, target), []).append((spec, options))
    for (table, truth, target), judging in made.items():
        yield _subject(lab, data, (table, truth, target), judging, exam=exam)


def _only_column(data: Prepared, truth: str) -> str:
    names = list(data.columns(truth, "hidden"))
    if len(names) == 1:
        return names[0]
    msg = f"table {truth!r} has {len(names)} columns, and the check names none"
    raise LabError(msg, help=f"name one of: {', '.join(names)}")


def _judged_tables(lab: Lab, data: Prepared, options: ThresholdOptions) -> list[str]:
    """Return the tables of hidden rows behind what a phase returns."""
    chain = lab.chain(options.of(lab))
    inputs = dict.fromkeys(name for phase in chain for name in phase.input)
    return [name for name in inputs if f"private/{name}.csv" in data.tables]


def _subject(
    lab: Lab,
    data: Prepared,
    names: tuple[str, str, str],
    judging: list[tuple[CheckSpec, ThresholdOptions]],
    *,
    exam: bool,
) -> Subject:
    table, truth, target = names
    answers = data.columns(truth, "hidden")
    kept = _without_canaries(answers, judging[0][1].canary)
    hidden = _rows(data.columns(table, "hidden"), kept)
    marks = tuple(
        Mark(check=spec.id, metric=options.scorer(), decision=options.decision)
        for spec, options in judging
    )
    named = [options.groups for _, options in judging if options.groups]
    return Subject(
        lab=lab.slug,
        target=target,
        hidden=Side(f"hidden {table}", hidden, answers[target][kept]),
        public=tuple(_public(data, table, truth, target, set(hidden))),
        marks=marks,
        group=lab.audit.groups or (named[0] if named else None),
        exam=exam,
    )


def _without_canaries(answers: Columns, canary: str | None) -> Array:
    import numpy as np  # noqa: PLC0415  (slow to import)

    if canary and canary in answers:
        return np.asarray(answers[canary] == 0)
    return np.ones(len(next(iter(answers.values()))), dtype=bool)


def _rows(columns: Columns, kept: Array) -> Columns:
    lengths = {len(column) for column in columns.values()}
    if lengths - {len(kept)}:
        msg = f"the truth has {len(kept):,} rows, the features have {max(lengths):,}"
        raise LabError(msg, help="the truth must have one row for each row of the features")
    return {name: column[kept] for name, column in columns.items()}


def _public(data: Prepared, table: str, truth: str, target: str, names: set[str]) -> Iterator[Side]:
    """Yield the public tables whose rows have answers: those to train on, and the sample."""
    for key in sorted(data.tables):
        folder, _, file = key.partition("/")
        name = file.removesuffix(".csv")
        if folder != "public" or f"private/{name}.csv" in data.tables:
            continue
        columns = data.columns(name, "public")
        if target in columns and names & columns.keys():
            rest = {each: column for each, column in columns.items() if each != target}
            yield Side(f"public {name}", rest, columns[target])
    if {f"public/{table}.csv", f"public/{truth}.csv"} <= data.tables.keys():
        answers = data.columns(truth, "public").get(target)
        if answers is not None:
            yield Side(f"public {table}", data.columns(table, "public"), answers)
