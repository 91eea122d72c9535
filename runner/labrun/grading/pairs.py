"""Truth and predictions made comparable, as each kind of metric reads them."""

import enum
from dataclasses import dataclass

import numpy as np

from labrun.errors import LabError
from labrun.grading.predictions import Array, Malformed

BINARY = 2
LEAST_ROWS = 2
LEAST_GROUPS = 2
OTHER = "other"
MOST_RANKED = 10
CLOSE = 1e-6


class Takes(enum.StrEnum):
    """What a metric reads of predictions; the positive of two classes is the larger label."""

    LABELS = "labels"  # one class a row, of the truth's kind
    SCORES = "scores"  # one number a row, higher for the positive class
    PROBABILITIES = "probabilities"  # the same in [0, 1]
    DECISIONS = "decisions"  # 0 or 1 a row
    NUMBERS = "numbers"  # one number a row
    CLUSTERS = "clusters"  # one label a row whose name means nothing
    RANKINGS = "rankings"  # the names of up to ten items a row, best first, spaces between them
    DISTRIBUTIONS = "distributions"  # a probability of each class a row; the truth is a code from 0
    GROUPED = "grouped"  # 0 or 1 a row; the truth names group and answer: `women 1`
    SUSPECTS = "suspects"  # a probability a class; the truth names side and label: `in A`


@dataclass(frozen=True)
class Pair:
    """Truth and predictions, both (n,).

    Of rankings, the truth is how many items are right and the predictions are (n, 10): whether
    there is a right one in each place. Of distributions, the predictions are the probabilities
    that the true classes were given.

    Labels are codes 0 to k-1 of the truth's ``classes``, and k for any other label, so that what a
    learner invents can neither widen a table nor stand in a plot. Of two classes, 1 is positive.
    `GROUPED` truth is twice the code of the group plus the answer; `SUSPECTS` are 1 on the side
    `in`, and what was predicted of them is the probability of the label they came with.
    """

    truth: Array
    predicted: Array
    classes: tuple[str, ...] = ()


def pair(takes: Takes, truth: Array, predicted: Array) -> Pair:
    """Return truth (n,) and predictions (n,) as the metric takes them.

    Of two columns of scores, the second is the positive class's. Raises `Malformed` where the
    predictions are at fault, `LabError` where the truth is.
    """
    _refuse_bad_truth(truth)
    if takes in (Takes.SCORES, Takes.PROBABILITIES) and predicted.shape[1:] == (BINARY,):
        predicted = predicted[:, 1]
    if takes is Takes.DISTRIBUTIONS:
        return _of_distributions(truth, predicted)
    if takes in (Takes.GROUPED, Takes.SUSPECTS):
        return _told_twice(takes, *_words(truth), predicted)
    if predicted.shape != truth.shape:
        msg = f"expected shape {truth.shape}, got {predicted.shape}"
        raise Malformed(msg)
    return _one_value_a_row(takes, truth, predicted)


def _one_value_a_row(takes: Takes, truth: Array, predicted: Array) -> Pair:
    match takes:
        case Takes.NUMBERS:
            made = Pair(_true_numbers(truth), finite(predicted))
        case Takes.CLUSTERS:
            made = Pair(_codes(truth)[0], _codes(_plain(predicted))[0])
        case Takes.RANKINGS:
            made = _ranked(truth, predicted)
        case Takes.LABELS:
            made = _labelled(truth, _plain(predicted))
        case _:
            made = _of_two_classes(takes, truth, finite(predicted))
    return made


def finite(values: Array) -> Array:
    """Return numbers as floats; raise `Malformed` if they are not numbers or not finite."""
    if values.dtype.kind not in "biuf":
        msg = f"expected numbers, got {_kind(values)}"
        raise Malformed(msg)
    with np.errstate(over="ignore"):
        numbers: Array = values.astype(float)
    wrong = int((~np.isfinite(numbers)).sum())
    if wrong:
        msg = f"{wrong:,} of {numbers.size:,} values are NaN or infinite"
        raise Malformed(msg)
    return numbers


def _refuse_bad_truth(truth: Array) -> None:
    if truth.ndim != 1 or len(truth) < LEAST_ROWS:
        msg = f"the truth has shape {truth.shape}; a metric needs {LEAST_ROWS} rows or more"
        raise LabError(msg)
    missing = [not isinstance(item, str) for item in truth] if truth.dtype.kind == "O" else []
    if truth.dtype.kind == "f":
        missing = list(~np.isfinite(truth))
    if count := sum(missing):
        msg = f"{count:,} of {len(truth):,} values of the truth are missing"
        raise LabError(msg, help="prepare() must write an answer for every hidden row")


def _true_numbers(truth: Array) -> Array:
    if truth.dtype.kind not in "biuf":
        msg = f"the metric is for numbers; the truth holds {_kind(truth)}"
        raise LabError(msg)
    return truth.astype(float)


def _of_two_classes(takes: Takes, truth: Array, numbers: Array) -> Pair:
    codes, classes = _codes(truth)
    if len(classes) != BINARY:
        msg = f"the metric is for two classes; the truth holds {len(classes)}"
        raise LabError(msg)
    if takes is Takes.PROBABILITIES:
        _refuse((numbers < 0) | (numbers > 1), "outside 0 to 1")
    if takes is Takes.DECISIONS:
        _refuse(~np.isin(numbers, (0, 1)), "neither 0 nor 1")
    return Pair(codes, numbers, tuple(str(label) for label in classes))


def _told_twice(takes: Takes, first: Array, second: Array, predicted: Array) -> Pair:
    numbers = finite(predicted)
    if takes is Takes.SUSPECTS:
        return _suspects(first, second, numbers)
    if numbers.shape != first.shape:
        msg = f"expected shape {first.shape}, got {numbers.shape}"
        raise Malformed(msg)
    return _grouped(first, second, numbers)


def _words(truth: Array) -> tuple[Array, Array]:
    """Return what stands before and what after the last space of each answer."""
    parts = [str(each).rpartition(" ") for each in truth.tolist()]
    if not all(before and after for before, _, after in parts):
        msg = "an answer must be two words, a group and what is right: `women 1`, `in A`"
        raise LabError(msg, help="name the column of the truth that holds both")
    return np.array([part[0] for part in parts]), np.array([part[2] for part in parts])


def _grouped(groups: Array, answers: Array, decided: Array) -> Pair:
    names, where = np.unique(groups, return_inverse=True)
    codes = BINARY * where + (answers == "1")
    whole = np.isin(answers, ("0", "1")).all() and len(np.unique(codes)) == BINARY * len(names)
    if len(names) < LEAST_GROUPS or not whole:
        msg = f"the truth holds {len(names)} group(s); the metric is for two or more, each with "
        msg += "rows of answer 0 and of answer 1 and no other"
        raise LabError(msg)
    _refuse(~np.isin(decided, (0, 1)), "neither 0 nor 1")
    classes = tuple(f"{name} {answer}" for name in names for answer in range(BINARY))
    return Pair(codes, decided.astype(int), classes)


def _suspects(sides: Array, labels: Array, p: Array) -> Pair:
    names, column = np.unique(labels, return_inverse=True)
    if set(sides.tolist()) != {"in", "out"}:
        msg = "the truth must say of each row whether it was `in` the training table or `out` of it"
        raise LabError(msg)
    if p.shape != (len(labels), len(names)):
        msg = f"expected shape {(len(labels), len(names))}, got {p.shape}"
        raise Malformed(msg)
    _refuse((p < 0) | (p > 1), "outside 0 to 1")
    return Pair((sides == "in").astype(int), p[np.arange(len(p)), column], ("out", "in"))


def _labelled(truth: Array, predicted: Array) -> Pair:
    text = truth.dtype.kind in "OU"
    if (predicted.dtype.kind in "OU") != text:
        msg = f"expected {'text' if text else 'numeric'} labels, got {_kind(predicted)}"
        raise Malformed(msg)
    codes, classes = _codes(truth)
    names = tuple(str(label) for label in classes)
    if text:  # by look-up: as an array of one width, a single long text would fill the memory
        known = {name: code for code, name in enumerate(names)}
        found = np.array([known.get(str(label), len(names)) for label in predicted])
    else:
        nearest = np.minimum(np.searchsorted(classes, predicted), len(classes) - 1)
        found = np.where(classes[nearest] == predicted, nearest, len(classes))
    return Pair(codes, found, (*names, OTHER))


def _ranked(truth: Array, predicted: Array) -> Pair:
    """Return how many items are right in each row, and the places (n, 10) that hold one."""
    if predicted.dtype.kind not in "OU":
        msg = f"expected text, the names of items, got {_kind(predicted)}"
        raise Malformed(msg)
    said = [row.split(maxsplit=MOST_RANKED) for row in predicted.tolist()]
    _refuse(np.array([len(row) > MOST_RANKED for row in said]), f"longer than {MOST_RANKED} items")
    _refuse(np.array([len(set(row)) < len(row) for row in said]), "rankings that repeat an item")
    wanted = [set(row.split()) for row in truth.astype(str).tolist()]
    if not all(wanted):
        msg = "the truth has rows without a right item"
        raise LabError(msg, help="prepare() must leave out rows with nothing to find")
    hits = np.zeros((len(said), MOST_RANKED))
    for place, (right, row) in enumerate(zip(wanted, said, strict=True)):
        hits[place, : len(row)] = [item in right for item in row]
    return Pair(np.array([len(right) for right in wanted]), hits)


def _of_distributions(truth: Array, predicted: Array) -> Pair:
    """Return the codes, and the probability that each row gave to its own."""
    if truth.dtype.kind not in "biu" or truth.min() < 0:
        msg = "the metric is for codes from 0; the truth holds something else"
        raise LabError(msg)
    if predicted.ndim != 2 or len(predicted) != len(truth):  # noqa: PLR2004  (rows and classes)
        msg = f"expected shape ({len(truth)}, classes), got {predicted.shape}"
        raise Malformed(msg)
    numbers = finite(predicted)
    if numbers.shape[1] <= truth.max():
        msg = f"a probability for each class was expected, got {numbers.shape[1]:,} columns"
        raise Malformed(msg)
    _refuse((numbers < 0) | (numbers > 1), "outside 0 to 1")
    _refuse(np.abs(numbers.sum(axis=1) - 1) > CLOSE, "sums of a row that are not one")
    return Pair(truth.astype(int), numbers[np.arange(len(truth)), truth.astype(int)])


def _plain(predicted: Array) -> Array:
    return finite(predicted) if predicted.dtype.kind == "f" else predicted


def _codes(labels: Array) -> tuple[Array, Array]:
    if labels.dtype.kind != "O":
        classes, codes = np.unique(labels, return_inverse=True)
        return codes, classes
    names = sorted(set(labels))
    known = {name: code for code, name in enumerate(names)}
    return np.array([known[label] for label in labels]), np.array(names, dtype=object)


def _refuse(wrong: Array, what: str) -> None:
    if wrong.any():
        msg = f"{int(wrong.sum()):,} of {wrong.size:,} values are {what}"
        raise Malformed(msg)


def _kind(values: Array) -> str:
    return "text" if values.dtype.kind in "OU" else f"dtype {values.dtype}"
