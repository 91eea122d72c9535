"""How well one column alone tells the answer."""

from collections.abc import Iterator

import numpy as np

from labrun.domain.audit import Flaw, FlawName, Severity
from labrun.grading.audit.subject import Side, Subject, codes, numbers
from labrun.grading.predictions import Array
from labrun.grading.uncertainty import midranks

TOO_STRONG = 0.98
MOST_BINS = 64
ROWS_A_BIN = 20
LEAST_ROWS = 30
BINARY = 2
NEARLY_UNIQUE = 0.95
ID_TELLS = 0.1  # |AUC - 1/2| or |Spearman| from which an id is more than a name
ID_TELLS_MUCH = 0.25
ERRORS = 4.0  # standard errors that chance alone does not reach
ID_NAMES = ("id", "key", "index", "uuid", "guid", "nr", "no", "number", "row", "code")
WORDS = {True: "AUC", False: "|Spearman|"}


def target_copies(subject: Subject) -> Iterator[Flaw]:
    """Find columns of the hidden features that are the target by name, or value by value."""
    for name in copies(subject):
        same = name.casefold() == subject.target.casefold()
        what = "has the name of the target" if same else f"is {subject.target!r} under another name"
        yield subject.flaw(
            FlawName.TARGET_COPY,
            Severity.ERROR,
            f"{subject.hidden.name}: column {name!r}",
            f"column {name!r} of the rows to be predicted {what}",
            number=1.0,
            help="drop the column in build.py",
        )


def copies(subject: Subject) -> list[str]:
    """Return the columns that `target_copies` finds."""
    answers = subject.hidden.answers
    return [
        name
        for name, column in subject.hidden.columns.items()
        if name.casefold() == subject.target.casefold()
        or _same(column, answers, classes=subject.classes)
    ]


def single_features(subject: Subject) -> Iterator[Flaw]:
    """Find columns of which one alone tells the target nearly without error."""
    known = {*copies(subject), subject.group}
    for name in subject.hidden.columns:
        if name in known:
            continue
        found = [
            (strength(side, name, classes=subject.classes), side.name) for side in _sides(subject)
        ]
        value, where = max(found, default=(0.0, ""))
        if value > TOO_STRONG:
            yield subject.flaw(
                FlawName.SINGLE_FEATURE,
                Severity.ERROR,
                f"{where}: column {name!r}",
                f"column {name!r} alone reaches {_unit(subject)} {value:.3f}",
                number=value,
                help="drop the column if it is known only after the answer, or ask more",
            )


def ids(subject: Subject) -> Iterator[Flaw]:
    """Find columns that name each row and yet tell the target."""
    for name in subject.hidden.columns:
        for side in _sides(subject):
            column = side.columns.get(name)
            if column is None or not _is_id(name, column) or side.rows < LEAST_ROWS:
                continue
            tells, error = _trend(_ordered(column), side.answers, classes=subject.classes)
            if tells > max(ID_TELLS, ERRORS * error):
                yield subject.flaw(
                    FlawName.ID_LEAK,
                    Severity.ERROR if tells > ID_TELLS_MUCH else Severity.WARNING,
                    f"{side.name}: column {name!r}",
                    f"column {name!r} is different in nearly every row and yet goes with the "
                    f"target: strength {tells:.2f} of 1",
                    number=tells,
                    help="drop the column, or number the rows anew at random",
                )
                break


def row_order(subject: Subject) -> Iterator[Flaw]:
    """Find tables in which the place of a row tells its answer."""
    for side in (*subject.public, subject.hidden):
        if side.rows < LEAST_ROWS:
            continue
        order = np.arange(side.rows, dtype=float)
        tells, error = _trend(order, side.answers, classes=subject.classes)
        if subject.classes:
            tells, error = max(tells, runs(side.answers)), max(error, side.rows**-0.5)
        if tells > max(ID_TELLS, ERRORS * error):
            sorted_by = tells > 0.5  # noqa: PLR2004  (half of what a sorted file has)
            what = "is sorted by its answers" if sorted_by else "goes with its answers"
            yield subject.flaw(
                FlawName.ROW_ORDER,
                Severity.ERROR if sorted_by else Severity.WARNING,
                side.name,
                f"the order of the rows {what}: strength {tells:.2f} of 1",
                number=tells,
                help="shuffle the rows in build.py, with a seed",
            )


def runs(answers: Array) -> float:
    """Return 0 where classes follow each other as by chance, 1 where the file is sorted by them.

    The changes of class between neighbours against those expected of a random order, as in the
    runs test of Wald and Wolfowitz (1940).
    """
    labels = codes(answers)
    n = len(labels)
    counts = np.bincount(labels)
    expected = (n - (counts.astype(float) ** 2).sum() / n) if n else 0.0
    least = len(counts) - 1
    changes = int((labels[1:] != labels[:-1]).sum())
    return 0.0 if expected <= least else max(0.0, (expected - changes) / (expected - least))


def strength(side: Side, name: str, *, classes: bool) -> float:
    """Return how well a column tells the answers: 1 is without error, chance is far below.

    Two classes: the area under the ROC curve, either way round. More: the accuracy of the best
    guess from the column's value, learned on one half and tried on the other. Numbers: the
    absolute rank correlation (Spearman).
    """
    column = side.columns.get(name)
    if column is None or side.rows < LEAST_ROWS:
        return 0.0
    if not classes:
        return _spearman(_encoded(column, side.answers.astype(float)), side.answers.astype(float))
    labels = codes(side.answers)
    if labels.max() == 1:
        values = _encoded(column, labels.astype(float))
        return max(
            _area(np.where(np.isnan(values), fill, values), labels) for fill in (-np.inf, np.inf)
        )
    return _guessed(column, labels)


def _sides(subject: Subject) -> tuple[Side, ...]:
    return (subject.hidden, *subject.public)


def _unit(subject: Subject) -> str:
    if not subject.classes:
        return "|Spearman|"
    return "AUC" if len(np.unique(codes(subject.hidden.answers))) == BINARY else "accuracy"


def _same(column: Array, answers: Array, *, classes: bool) -> bool:
    if classes:
        labels, values = codes(answers), codes(column)
        kinds = int(labels.max()) + 1
        if kinds < BINARY or values.max() + 1 != kinds:
            return False
        return len(np.unique(labels * kinds + values)) == kinds
    plain = numbers(column)
    if plain is None or not np.isfinite(plain).all() or not np.ptp(plain) or not np.ptp(answers):
        return False
    return abs(float(np.corrcoef(plain, answers.astype(float))[0, 1])) > 1 - 1e-9


def _halves(n: int) -> tuple[Array, Array]:
    order = np.random.default_rng(0).permutation(n)
    return order[: n // 2], order[n // 2 :]


def _encoded(column: Array, answers: Array) -> Array:
    """Return numbers as they are, and text as the mean answer of its value in the other half."""
    values = numbers(column)
    if values is not None:
        return values
    labels, found = codes(column), np.full(len(answers), answers.mean())
    for learned, tried in (halves := _halves(len(answers)), halves[::-1]):
        counts = np.bincount(labels[learned], minlength=labels.max() + 1)
        sums = np.bincount(labels[learned], answers[learned], minlength=labels.max() + 1)
        seen = counts[labels[tried]] > 0
        found[tried[seen]] = (sums / np.maximum(counts, 1))[labels[tried[seen]]]
    return found


def _area(values: Array, labels: Array) -> float:
    ranks = midranks(values)
    positive = labels == 1
    m, n = int(positive.sum()), int((~positive).sum())
    area = (float(ranks[positive].sum()) - m * (m + 1) / 2) / (m * n)
    return max(area, 1 - area)


def _spearman(values: Array, answers: Array) -> float:
    known = np.isfinite(values)
    if known.sum() < max(LEAST_ROWS, len(values) / 2):
        return 0.0
    a, b = midranks(values[known]), midranks(answers[known])
    if not np.ptp(a) or not np.ptp(b):
        return 0.0
    return abs(float(np.corrcoef(a, b)[0, 1]))


def _guessed(column: Array, labels: Array) -> float:
    bins = _binned(column)
    right = 0
    for learned, tried in (halves := _halves(len(labels)), halves[::-1]):
        table = np.zeros((bins.max() + 1, labels.max() + 1))
        np.add.at(table, (bins[learned], labels[learned]), 1)
        right += int((table.argmax(axis=1)[bins[tried]] == labels[tried]).sum())
    return right / len(labels)


def _binned(column: Array) -> Array:
    values = numbers(column)
    if values is None:
        return codes(column)
    if len(np.unique(values)) <= MOST_BINS:
        return codes(column)
    count = max(BINARY, min(MOST_BINS, len(values) // ROWS_A_BIN))
    edges = np.nanquantile(values, np.linspace(0, 1, count + 1)[1:-1])
    return np.where(np.isnan(values), count, np.searchsorted(edges, values))


def _is_id(name: str, column: Array) -> bool:
    """Return whether a column names rows: nearly unique, and text, or whole numbers in a row."""
    different = len(np.unique(codes(column)))
    if different < NEARLY_UNIQUE * len(column):
        return False
    values = numbers(column)
    if values is None:
        return True
    known = values[np.isfinite(values)]
    if not len(known) or (known % 1).any():
        return False
    named = name.casefold().replace("-", "_").split("_")[-1] in ID_NAMES
    return named or bool(np.ptp(known) < 4 * len(column))  # numbered through, and split


def _ordered(column: Array) -> Array:
    """Return the place of each value in the sorted order of a column."""
    values = numbers(column)
    if values is not None:
        return values
    places = {text: place for place, text in enumerate(sorted({str(each) for each in column}))}
    return np.array([places[str(each)] for each in column], dtype=float)


def _trend(order: Array, answers: Array, *, classes: bool) -> tuple[float, float]:
    """Return how a number goes with the answers, 0 to 1, and its standard error by chance."""
    n = len(order)
    if not classes:
        return _spearman(order, answers.astype(float)), 1 / np.sqrt(n - 1)
    labels, found, worst = codes(answers), 0.0, 0.0
    for label in range(labels.max() + 1):
        chosen = (labels == label).astype(int)
        m = int(chosen.sum())
        if LEAST_ROWS // 3 <= m <= n - LEAST_ROWS // 3:
            # Twice the distance from 1/2; its variance by chance as of Mann and Whitney (1947).
            found = max(found, 2 * _area(order, chosen) - 1)
            worst = max(worst, 2 * np.sqrt((n + 1) / (12 * m * (n - m))))
    return found, worst
