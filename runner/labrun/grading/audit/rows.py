"""Rows that stand on both sides of the split, as they are or nearly so."""

from collections.abc import Iterator

import numpy as np

from labrun.domain.audit import Flaw, FlawName, Severity
from labrun.grading.audit.subject import Columns, Side, Subject, codes, numbers, share
from labrun.grading.predictions import Array

MANY = 0.01  # of the hidden rows
NEAR = 0.005  # standard deviations a column, root mean square
LEAST_NUMBERS = 3  # with fewer, rows are near each other by chance
MOST_HIDDEN, MOST_PUBLIC = 1500, 20_000
HELD = 4_000_000  # distances in memory at a time
TEXT_WIDTH = 3


def duplicates(subject: Subject) -> Iterator[Flaw]:
    """Find hidden rows that stand in a public table too, with every feature alike."""
    for side in subject.public:
        names = _shared(subject.hidden, side)
        if not names:
            continue
        keys = row_keys(subject.hidden.columns, side.columns, names)
        found = int(np.isin(keys[0], keys[1]).sum())
        if found:
            yield _repeated(subject, side, found, FlawName.DUPLICATES, "stand")


def near_duplicates(subject: Subject) -> Iterator[Flaw]:
    """Find hidden rows that differ from a public one by next to nothing."""
    for side in subject.public:
        names = _shared(subject.hidden, side)
        count = sum(numbers(subject.hidden.columns[name]) is not None for name in names)
        if count < LEAST_NUMBERS:
            continue
        hidden, public = subject.hidden.columns, side.columns
        keys = row_keys(hidden, public, names)
        apart = nearest(hidden, public, names)
        exact = np.isin(keys[0][: len(apart)], keys[1])
        found = int(((apart < NEAR) & ~exact).sum())
        if found > MANY * len(apart):
            whole = round(found / len(apart) * subject.hidden.rows)
            yield _repeated(subject, side, whole, FlawName.NEAR_DUPLICATES, "nearly stand")


def conflicts(subject: Subject) -> Iterator[Flaw]:
    """Find rows that are alike in every feature and yet have different answers."""
    sides = [side for side in subject.public if _shared(subject.hidden, side)]
    if not sides or not subject.classes:
        return
    names = _shared(subject.hidden, sides[0])
    keys = np.concatenate(row_keys(subject.hidden.columns, sides[0].columns, names))
    labels = codes(np.concatenate([_text(subject.hidden.answers), _text(sides[0].answers)]))
    rows = np.unique(np.column_stack([keys, labels.astype(np.uint64)]), axis=0)
    twice, counts = np.unique(rows[:, 0], return_counts=True)
    found = int(np.isin(keys, twice[counts > 1]).sum())
    if found > MANY * len(keys):
        yield subject.flaw(
            FlawName.CONFLICTING_LABELS,
            Severity.WARNING,
            f"{subject.hidden.name} and {sides[0].name}",
            f"{found:,} rows ({share(found, len(keys))}) have a twin with another answer: "
            "no model can be right on both",
            number=found / len(keys),
            help="say in the README which score can be reached at best, or add a column",
        )


def groups(subject: Subject) -> Iterator[Flaw]:
    """Find groups (a user, a patient) that have rows on both sides of the split."""
    name = subject.group
    column = subject.hidden.columns.get(name) if name else None
    for side in subject.public:
        if column is None or name is None or name not in side.columns:
            continue
        seen = set(_text(side.columns[name]).tolist())
        found = sum(value in seen for value in _text(column).tolist())
        if found:
            yield subject.flaw(
                FlawName.GROUPS,
                Severity.ERROR,
                f"{subject.hidden.name} and {side.name}: column {name!r}",
                f"{found:,} hidden rows ({share(found, len(column))}) belong to a {name!r} that "
                f"{side.name} shows",
                number=found / len(column),
                help="split whole groups in build.py, never rows",
            )


def row_keys(left: Columns, right: Columns, names: list[str]) -> tuple[Array, Array]:
    """Return a number for each row of two tables; rows alike in ``names`` have the same."""
    rng = np.random.default_rng(0)
    n = len(left[names[0]])
    keys = np.zeros(n + len(right[names[0]]), dtype=np.uint64)
    for name in names:
        factor = rng.integers(1, 1 << 63, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        keys = (
            keys * np.uint64(0x9E3779B97F4A7C15)
            + codes(_joined(left, right, name)).astype(np.uint64) * factor
        )
        keys ^= keys >> np.uint64(29)
    return keys[:n], keys[n:]


def nearest(left: Columns, right: Columns, names: list[str]) -> Array:
    """Return how far each row of ``left`` is from the nearest of ``right``: (n,), in deviations.

    The root mean square over the columns, each standardised; rows whose text differs are far. At
    most 1,500 rows are looked at, against 20,000.
    """
    n = len(left[names[0]])
    table = np.column_stack([_scaled(_joined(left, right, name)) for name in names])
    a, b = table[:n][:MOST_HIDDEN], table[n:][:MOST_PUBLIC]
    found = np.empty(len(a))
    step = max(1, HELD // len(b))
    squares = (b**2).sum(axis=1)
    for start in range(0, len(a), step):
        part = a[start : start + step]
        apart = (part**2).sum(axis=1)[:, None] + squares - 2 * part @ b.T
        best = apart.argmin(axis=1)  # then once more without the rounding of the difference
        found[start : start + step] = np.sqrt(((part - b[best]) ** 2).mean(axis=1))
    return found


def _scaled(column: Array) -> Array:
    """Return a column of numbers standardised, or text as a point of its own for each word."""
    values = numbers(column)
    if values is None:
        labels = codes(np.array([str(each).strip().casefold() for each in column], dtype=object))
        points = np.random.default_rng(0).normal(size=(labels.max() + 1, TEXT_WIDTH))
        return 10 * points[labels]
    missing = np.isnan(values)
    spread = float(np.nanstd(values)) if not missing.all() else 0.0
    middle = float(np.nanmean(values)) if spread else 0.0
    scaled = (values - middle) / spread if spread else np.zeros(len(values))
    return np.column_stack([np.where(missing, 0.0, scaled), missing * 1.0])


def _shared(hidden: Side, side: Side) -> list[str]:
    """Return the names of the hidden columns if the other table has all of them."""
    names = list(hidden.columns)
    return names if names and all(name in side.columns for name in names) else []


def _joined(left: Columns, right: Columns, name: str) -> Array:
    one, two = left[name], right[name]
    if numbers(one) is None or numbers(two) is None:
        return np.concatenate([_text(one), _text(two)])
    return np.concatenate([one.astype(float), two.astype(float)])


def _text(column: Array) -> Array:
    return np.array([None if each is None else str(each) for each in column], dtype=object)


def _repeated(subject: Subject, side: Side, found: int, name: FlawName, verb: str) -> Flaw:
    part = found / subject.hidden.rows
    severe = name is FlawName.DUPLICATES and part > MANY
    return subject.flaw(
        name,
        Severity.ERROR if severe else Severity.WARNING,
        f"{subject.hidden.name} and {side.name}",
        f"{found:,} hidden rows ({share(found, subject.hidden.rows)}) {verb} in {side.name} too",
        number=part,
        help="drop repeated rows in build.py before the split",
    )
