"""Can a model tell hidden rows from public ones?"""

from collections.abc import Iterator

import numpy as np

from labrun.domain.audit import Flaw, FlawName, Severity
from labrun.grading.audit.subject import Columns, Side, Subject, numbers
from labrun.grading.predictions import Array

TELLS = 0.6
MOST_ROWS = 2000  # of each table
LEAST_ROWS = 100
TREES = 60


def drift(subject: Subject) -> Iterator[Flaw]:
    """Train a model to tell the largest public table from the hidden one (adversarial validation).

    The number is the area under its ROC curve on rows it has not seen: 1/2 where both look alike.
    """
    side = max(subject.public, key=lambda each: each.rows, default=None)
    if side is None or min(side.rows, subject.hidden.rows) < LEAST_ROWS:
        return
    names = [
        each for each in subject.hidden.columns if each in side.columns and each != subject.group
    ]
    if not names:
        return
    area = told_apart(subject.hidden, side, names)
    if area > TELLS:
        yield subject.flaw(
            FlawName.DRIFT,
            Severity.NOTE,
            f"{subject.hidden.name} and {side.name}",
            f"a model tells hidden rows from those of {side.name} with AUC {area:.2f}",
            number=area,
            help="say so in the README if it is meant (a later season); else split at random",
        )


def told_apart(hidden: Side, side: Side, names: list[str]) -> float:
    """Return the AUC of telling two tables apart by the columns ``names``.

    By a random forest, each row by the trees that have not seen it (Breiman 2001, out of bag).
    """
    # Slow to import, and only authors have it.
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415

    one, two = _sampled(hidden.rows), _sampled(side.rows)
    table = np.column_stack(
        [_column(hidden.columns, side.columns, name, one, two) for name in names]
    )
    whose = np.repeat([1, 0], [len(one), len(two)])
    forest = RandomForestClassifier(TREES, min_samples_leaf=5, oob_score=True, random_state=0)
    p = forest.fit(table, whose).oob_decision_function_[:, 1]
    return float(roc_auc_score(whose, p))


def _sampled(rows: int) -> Array:
    return np.sort(np.random.default_rng(0).permutation(rows)[:MOST_ROWS])


def _column(left: Columns, right: Columns, name: str, one: Array, two: Array) -> Array:
    a, b = left[name][one], right[name][two]
    if numbers(a) is not None and numbers(b) is not None:
        return np.concatenate([a.astype(float), b.astype(float)])
    text = np.array(
        [str(each) for each in (*a, *b)]
    )  # by alphabet: where it came first tells whose
    return np.unique(text, return_inverse=True)[1].astype(float)
