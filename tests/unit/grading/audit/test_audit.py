"""Each flaw is found in data that has it and nothing else, and none in data that is sound."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from labrun.app.audit import TESTS
from labrun.domain.audit import Flaw, FlawName, Severity
from labrun.grading.audit.rows import nearest, row_keys
from labrun.grading.audit.strength import runs, strength
from labrun.grading.audit.subject import Mark, Side, Subject
from labrun.grading.audit.worth import half_width
from labrun.grading.checks.threshold import Decision
from labrun.grading.metric import METRICS

ROWS = 2100
Numbers = np.ndarray[Any, Any]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def side(name: str, seed: int, rows: int = ROWS) -> Side:
    """Rows of four numbers and a word; the answer is 1 for a part of them, with noise."""
    draw = rng(seed)
    columns: dict[str, Numbers] = {each: draw.normal(size=rows) for each in "abcd"}
    columns["word"] = draw.choice(np.array(["red", "green", "blue"], dtype=object), rows)
    answers = (columns["a"] + columns["b"] + draw.normal(size=rows) > 0).astype(int)
    return Side(name, columns, answers)


def mark(metric: str = "roc_auc", at: float = 0.8) -> Mark:
    return Mark("score", METRICS[metric], Decision(rule="point", at=at))


def sound() -> Subject:
    return Subject(
        lab="x01", target="bad", hidden=side("hidden", 1), public=(side("train", 2),),
        marks=(mark(),),
    )  # fmt: skip


def numbers_to_predict() -> Subject:
    """Return the same rows with a number as the answer."""

    def of(each: Side) -> Side:
        answers = each.columns["a"] * 2 + rng(3).normal(size=each.rows) * 2
        return replace(each, answers=answers)

    subject = sound()
    return replace(
        subject,
        hidden=of(subject.hidden),
        public=tuple(map(of, subject.public)),
        marks=(mark("rmse", 2.5),),
    )


def with_columns(each: Side, **columns: Numbers) -> Side:
    return replace(each, columns={**each.columns, **columns})


def taken(each: Side, rows: Numbers) -> Side:
    """Return a side with its rows in another order, or some of them."""
    columns = {name: column[rows] for name, column in each.columns.items()}
    return replace(each, columns=columns, answers=each.answers[rows])


def joined(one: Side, two: Side) -> Side:
    columns = {name: np.concatenate([one.columns[name], two.columns[name]]) for name in one.columns}
    return Side(one.name, columns, np.concatenate([one.answers, two.answers]))


def both(subject: Subject, change: Callable[[Side], Side]) -> Subject:
    return replace(
        subject, hidden=change(subject.hidden), public=tuple(map(change, subject.public))
    )


def majority(subject: Subject) -> Subject:
    def rare(each: Side) -> Side:
        return replace(each, answers=(rng(9).random(each.rows) < 0.08).astype(int))

    return replace(both(subject, rare), marks=(mark("accuracy", 0.9),))


def copied_target(subject: Subject) -> Subject:
    return both(subject, lambda each: with_columns(each, twin=3 - 2.0 * each.answers))


def named_target(subject: Subject) -> Subject:
    return both(subject, lambda each: with_columns(each, Bad=rng(4).normal(size=each.rows)))


def strong_feature(subject: Subject) -> Subject:
    def told(each: Side) -> Side:
        return with_columns(each, told=each.answers + rng(5).normal(0, 0.2, each.rows))

    return both(subject, told)


def strong_words(subject: Subject) -> Subject:
    def told(each: Side) -> Side:
        words = np.array([f"{'xy'[answer]}{at % 7}" for at, answer in enumerate(each.answers)])
        return with_columns(each, told=words.astype(object))

    return both(subject, told)


def leaking_id(subject: Subject) -> Subject:
    def numbered(each: Side) -> Side:
        order = np.argsort(np.argsort(each.answers + rng(6).normal(0, 0.8, each.rows)))
        return with_columns(each, id=order.astype(float))

    return both(subject, numbered)


def sorted_file(subject: Subject) -> Subject:
    order = np.argsort(subject.hidden.answers, kind="stable")
    return replace(subject, hidden=taken(subject.hidden, order))


def drifting_order(subject: Subject) -> Subject:
    order = np.argsort(subject.hidden.answers + rng(7).normal(0, 1.5, ROWS))
    return replace(subject, hidden=taken(subject.hidden, order))


def repeated(subject: Subject) -> Subject:
    again = taken(subject.hidden, np.arange(100))
    return replace(subject, public=(joined(subject.public[0], again),))


def nearly_repeated(subject: Subject) -> Subject:
    again = taken(subject.hidden, np.arange(100))
    noise = {name: again.columns[name] + rng(8).normal(0, 1e-4, 100) for name in "abcd"}
    return replace(subject, public=(joined(subject.public[0], with_columns(again, **noise)),))


def conflicting(subject: Subject) -> Subject:
    train = subject.public[0]
    again = taken(train, np.arange(200))
    other = replace(again, answers=1 - again.answers)
    return replace(subject, public=(joined(train, other),))


def torn_groups(subject: Subject) -> Subject:
    def owned(each: Side) -> Side:
        users = np.array([f"user {number}" for number in rng(each.rows).integers(0, 300, ROWS)])
        return with_columns(each, user=users.astype(object))

    return replace(both(subject, owned), group="user")


def whole_groups(subject: Subject) -> Subject:
    users = {
        name: np.array([f"{name} {at % 200}" for at in range(ROWS)], dtype=object)
        for name in ("hidden", "train")
    }
    return replace(
        both(subject, lambda each: with_columns(each, user=users[each.name])), group="user"
    )


def few_rows(subject: Subject) -> Subject:
    return replace(subject, hidden=taken(subject.hidden, np.arange(500)))


def empty_column(subject: Subject) -> Subject:
    def emptied(each: Side) -> Side:
        gone = np.where(rng(3).random(each.rows) < 0.5, np.nan, each.columns["d"])
        return with_columns(each, d=gone)

    return both(subject, emptied)


def shifted(subject: Subject) -> Subject:
    return replace(
        subject, hidden=with_columns(subject.hidden, d=subject.hidden.columns["d"] + 1.5)
    )


FAULTS = {
    FlawName.MAJORITY_CLASS: [majority],
    FlawName.TARGET_COPY: [copied_target, named_target],
    FlawName.SINGLE_FEATURE: [strong_feature, strong_words],
    FlawName.ID_LEAK: [leaking_id],
    FlawName.ROW_ORDER: [sorted_file, drifting_order],
    FlawName.DUPLICATES: [repeated],
    FlawName.NEAR_DUPLICATES: [nearly_repeated],
    FlawName.CONFLICTING_LABELS: [conflicting],
    FlawName.GROUPS: [torn_groups],
    FlawName.HIDDEN_SIZE: [few_rows],
    FlawName.MISSING: [empty_column],
    FlawName.DRIFT: [shifted],
}
CASES = [(name, change) for name, changes in FAULTS.items() for change in changes]


def found(subject: Subject) -> list[Flaw]:
    return [flaw for test in TESTS for flaw in test(subject)]


@pytest.mark.parametrize("subject", [sound(), numbers_to_predict()], ids=["classes", "numbers"])
def test_sound_data_has_no_flaw(subject: Subject) -> None:
    assert found(subject) == []


@pytest.mark.parametrize(("name", "change"), CASES, ids=[case[1].__name__ for case in CASES])
def test_a_flaw_is_found_and_nothing_else(
    name: FlawName, change: Callable[[Subject], Subject]
) -> None:
    flaws = found(change(sound()))
    assert {flaw.name for flaw in flaws} == {name}
    assert all(flaw.help and flaw.where and flaw.number > 0 for flaw in flaws)


def test_every_flaw_of_data_has_a_case() -> None:
    of_files = {FlawName.CONSTANT_EARNS, FlawName.LABEL_BYTES}  # tests/unit/app/test_audit.py
    assert FAULTS.keys() == set(FlawName) - of_files


def test_groups_that_are_whole_are_no_flaw() -> None:
    assert found(whole_groups(sound())) == []


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        (majority, Severity.ERROR),
        (copied_target, Severity.ERROR),
        (sorted_file, Severity.ERROR),
        (drifting_order, Severity.WARNING),
        (repeated, Severity.ERROR),
        (few_rows, Severity.WARNING),
        (empty_column, Severity.NOTE),
        (shifted, Severity.NOTE),
    ],
)
def test_a_flaw_is_as_bad_as_it_is(
    change: Callable[[Subject], Subject], severity: Severity
) -> None:
    assert {flaw.severity for flaw in found(change(sound()))} == {severity}


def test_few_hidden_rows_are_an_error_for_an_exam() -> None:
    (flaw,) = found(replace(few_rows(sound()), exam=True))
    assert flaw.severity is Severity.ERROR
    assert "500 hidden rows, an exam takes at least 750" in flaw.says
    assert "roc_auc 0.8 is known to ±0.03" in flaw.says


def test_a_number_that_tells_the_number_to_predict_is_found() -> None:
    def told(each: Side) -> Side:
        return with_columns(each, told=np.exp(each.answers) + rng(5).normal(0, 1e-9, each.rows))

    assert {flaw.name for flaw in found(both(numbers_to_predict(), told))} == {
        FlawName.SINGLE_FEATURE
    }


def test_a_scaled_target_is_the_target() -> None:
    def scaled(each: Side) -> Side:
        return with_columns(each, scaled=each.answers / 1000 - 7)

    assert {flaw.name for flaw in found(both(numbers_to_predict(), scaled))} == {
        FlawName.TARGET_COPY
    }


def test_of_many_classes_a_column_is_as_strong_as_the_guesses_it_allows() -> None:
    draw = rng()
    answers = draw.choice(np.array(["a", "b", "c", "d"], dtype=object), 1000)
    place = np.array(["abcd".index(each) for each in answers], dtype=float)
    columns = {"tells": place + draw.normal(0, 0.05, 1000), "not": draw.normal(size=1000)}
    each = Side("train", columns, answers)
    assert strength(each, "tells", classes=True) > 0.97
    assert strength(each, "not", classes=True) < 0.4


def test_values_that_are_missing_can_tell_the_answer() -> None:
    answers = rng().integers(0, 2, 400)
    column = np.where(answers == 1, np.nan, rng(1).normal(size=400))
    assert strength(Side("train", {"x": column}, answers), "x", classes=True) == 1


def test_words_seen_once_tell_nothing() -> None:
    answers = rng().integers(0, 2, 400)
    words = np.array([f"w{at}" for at in range(400)], dtype=object)
    assert strength(Side("train", {"x": words}, answers), "x", classes=True) < 0.6


@pytest.mark.parametrize(
    ("answers", "low", "high"),
    [("ab" * 200, 0, 0), ("a" * 200 + "b" * 200, 1, 1), (None, 0, 0.15)],
)
def test_runs_of_one_class_show_a_sorted_file(answers: str | None, low: float, high: float) -> None:
    labels = np.array(list(answers), dtype=object) if answers else rng().integers(0, 3, 400)
    assert low <= runs(labels) <= high


def test_rows_alike_have_one_key_also_where_a_value_is_missing() -> None:
    left = {"n": np.array([1.0, np.nan, 2.0]), "t": np.array(["x", None, "y"], dtype=object)}
    right = {"n": np.array([np.nan, 2.0]), "t": np.array([None, "x"], dtype=object)}
    one, two = row_keys(left, right, ["n", "t"])
    assert one[1] == two[0]
    assert len({*one, *two}) == 4


def test_distances_are_in_standard_deviations_a_column() -> None:
    left = {"a": np.array([0.0, 10.0]), "b": np.array([0.0, 0.0])}
    right = {"a": np.array([0.0, 10.0]), "b": np.array([2.0, 2.0])}
    apart = nearest(left, right, ["a", "b"])
    assert apart == pytest.approx([1.0, 1.0])  # 2 deviations of b; half of the columns say missing


@pytest.mark.parametrize(
    ("metric", "at", "wanted"),
    [("accuracy", 0.9, 0.0131), ("roc_auc", 0.85, 0.0168), ("rmse", 10, 0.31), ("r2", 0.5, 0.031)],
)
def test_the_half_width_at_the_mark_is_the_known_one(metric: str, at: float, wanted: float) -> None:
    answers = np.repeat([0, 1], 1000)
    assert half_width(mark(metric, at), answers) == pytest.approx(wanted, rel=0.05)


def test_the_error_of_a_mean_absolute_error_is_that_of_normal_errors() -> None:
    errors = np.abs(rng().normal(size=(4000, 500)))
    spread = errors.mean(axis=1).std()
    at = float(np.sqrt(2 / np.pi))
    found_width = half_width(mark("mae", at), np.zeros(500))
    assert found_width == pytest.approx(1.96 * spread, rel=0.05)


def test_a_metric_without_a_formula_has_no_half_width() -> None:
    assert half_width(mark("ari", 0.8), np.repeat([0, 1], 100)) is None
