from typing import Any

import numpy as np
import pytest

from labrun.errors import LabError
from labrun.grading.pairs import Pair, Takes, pair
from labrun.grading.predictions import Array, Malformed


def text(*values: str | None) -> Array:
    return np.array(values, dtype=object)


def test_labels_become_codes_of_the_truth_and_one_code_for_all_others() -> None:
    made = pair(Takes.LABELS, text("b", "a", "b"), text("a", "what", "b"))
    assert made.truth.tolist() == [1, 0, 1]
    assert made.predicted.tolist() == [0, 2, 1]
    assert made.classes == ("a", "b", "other")


@pytest.mark.parametrize("kind", [np.float64, np.int8, np.uint64, np.bool_])
def test_numeric_labels_compare_by_value_whatever_their_type(kind: type) -> None:
    made = pair(Takes.LABELS, np.array([0, 1, 1]), np.array([0, 1, 0]).astype(kind))
    assert made.predicted.tolist() == [0, 1, 0]


def test_labels_between_and_beyond_the_classes_are_others() -> None:
    made = pair(Takes.LABELS, np.array([0, 1, 5]), np.array([0.5, -3, 9]))
    assert made.predicted.tolist() == [3, 3, 3]


@pytest.mark.parametrize(
    ("truth", "predicted", "found"),
    [
        (text("a", "b"), np.array([0, 1]), "expected text labels, got dtype int64"),
        (np.array([0, 1]), text("0", "1"), "expected numeric labels, got text"),
    ],
)
def test_text_never_equals_a_number(truth: Array, predicted: Array, found: str) -> None:
    with pytest.raises(Malformed, match=found):
        pair(Takes.LABELS, truth, predicted)


def test_one_endless_label_takes_no_more_memory_than_itself() -> None:
    long = text("a", *["b"] * 2000, "x" * 1_000_000)
    made = pair(Takes.LABELS, text(*["a", "b"] * 1001), long)
    assert made.predicted[-1] == 2
    assert pair(Takes.CLUSTERS, np.arange(2002) % 2, long).predicted.max() == 2


def test_the_larger_label_is_the_positive_one() -> None:
    made = pair(Takes.SCORES, text("good", "bad"), np.array([0.9, 0.1]))
    assert made.truth.tolist() == [1, 0]
    assert made.classes == ("bad", "good")


def test_of_two_columns_the_second_is_the_positive_class() -> None:
    both = np.array([[0.9, 0.1], [0.2, 0.8]])
    assert pair(Takes.PROBABILITIES, np.array([0, 1]), both).predicted.tolist() == [0.1, 0.8]


@pytest.mark.parametrize(
    ("takes", "predicted", "found"),
    [
        (Takes.PROBABILITIES, [0.5, 1.5], "1 of 2 values are outside 0 to 1"),
        (Takes.DECISIONS, [0.5, 1], "1 of 2 values are neither 0 nor 1"),
        (Takes.SCORES, [np.nan, 1], "1 of 2 values are NaN or infinite"),
        (Takes.LABELS, [np.inf, 1], "1 of 2 values are NaN or infinite"),
        (Takes.CLUSTERS, [np.nan, 1], "1 of 2 values are NaN or infinite"),
        (Takes.NUMBERS, ["1", "2"], "expected numbers, got text"),
        (Takes.NUMBERS, [[1], [2]], r"expected shape \(2,\), got \(2, 1\)"),
    ],
)
def test_what_is_wrong_with_predictions_is_counted(
    takes: Takes, predicted: list[object], found: str
) -> None:
    with pytest.raises(Malformed, match=found):
        pair(takes, np.array([0, 1]), np.array(predicted))


@pytest.mark.parametrize("takes", list(Takes))
@pytest.mark.parametrize(
    "truth", [text("a", None), np.array([1.0, np.nan]), np.array([1]), np.array([[0], [1]])]
)
def test_a_truth_with_holes_is_the_labs_fault(takes: Takes, truth: Array) -> None:
    with pytest.raises(LabError):
        pair(takes, truth, np.zeros(len(truth)))


@pytest.mark.parametrize("takes", [Takes.SCORES, Takes.PROBABILITIES, Takes.DECISIONS])
@pytest.mark.parametrize("truth", [[0, 0, 0], [0, 1, 2]])
def test_a_truth_without_two_classes_is_the_labs_fault(takes: Takes, truth: list[int]) -> None:
    with pytest.raises(LabError, match="two classes"):
        pair(takes, np.array(truth), np.array([0, 1, 1]))


def test_numbers_are_not_judged_against_text() -> None:
    with pytest.raises(LabError, match="the truth holds text"):
        pair(Takes.NUMBERS, text("a", "b"), np.array([1, 2]))


def of(takes: Takes, truth: list[Any], predicted: list[Any]) -> Pair:
    kind = object if isinstance(truth[0], str) else None
    return pair(takes, np.array(truth, dtype=kind), np.array(predicted))


def test_a_ranking_becomes_the_places_of_right_items() -> None:
    made = of(Takes.RANKINGS, ["a b", "c"], ["b x a", ""])
    assert made.truth.tolist() == [2, 1]
    assert made.predicted.shape == (2, 10)
    assert np.argwhere(made.predicted).tolist() == [[0, 0], [0, 2]]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (["a a", "b"], "1 of 2 values are rankings that repeat an item"),
        ([" ".join("abcdefghijk"), "b"], "1 of 2 values are longer than 10 items"),
    ],
)
def test_a_ranking_that_is_none_is_refused(said: list[str], why: str) -> None:
    with pytest.raises(Malformed, match=why):
        of(Takes.RANKINGS, ["a", "b"], said)


def test_a_row_with_nothing_to_find_is_a_fault_of_the_lab() -> None:
    with pytest.raises(LabError, match="without a right item"):
        of(Takes.RANKINGS, ["a", " "], ["a", "b"])


def test_a_distribution_becomes_what_the_true_class_was_given() -> None:
    made = of(Takes.DISTRIBUTIONS, [1, 0], [[0.2, 0.8], [0.7, 0.3]])
    assert made.predicted.tolist() == [0.8, 0.7]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ([[0.5, 0.6], [1, 0]], "1 of 2 values are sums of a row that are not one"),
        ([[1.5, -0.5], [1, 0]], "2 of 4 values are outside 0 to 1"),
        ([[1.0], [1.0]], "a probability for each class was expected, got 1 columns"),
        ([[0.5, 0.5]], r"expected shape \(2, classes\), got \(1, 2\)"),
    ],
)
def test_what_is_no_distribution_is_refused(said: list[list[float]], why: str) -> None:
    with pytest.raises(Malformed, match=why):
        of(Takes.DISTRIBUTIONS, [1, 0], said)


def test_group_and_answer_become_one_code_in_the_order_of_the_groups() -> None:
    truth = text("old men 1", "men 0", "old men 0", "men 1", "men 1")
    made = pair(Takes.GROUPED, truth, np.array([True, False, True, False, True]))
    assert made.truth.tolist() == [3, 0, 2, 1, 1]
    assert made.predicted.tolist() == [1, 0, 1, 0, 1]
    assert made.classes == ("men 0", "men 1", "old men 0", "old men 1")


@pytest.mark.parametrize(
    "truth",
    [["a 0", "a 1"], ["a 0", "a 1", "b 1"], ["a 0", "a 1", "b 0", "b 1", "b 2"], ["1", "0"]],
)
def test_groups_without_both_answers_are_the_labs_fault(truth: list[str]) -> None:
    with pytest.raises(LabError):
        pair(Takes.GROUPED, text(*truth), np.zeros(len(truth)))


def test_of_a_suspect_the_probability_of_its_own_label_is_kept() -> None:
    table = np.array([[0.1, 0.9], [0.3, 0.7], [0.6, 0.4]])
    made = pair(Takes.SUSPECTS, text("in B", "out A", "out B"), table)
    assert made.truth.tolist() == [1, 0, 0]
    assert made.predicted.tolist() == [0.9, 0.3, 0.4]


@pytest.mark.parametrize("truth", [["in A", "in B"], ["in A", "where B"], ["in", "out"]])
def test_suspects_of_one_side_are_the_labs_fault(truth: list[str]) -> None:
    with pytest.raises(LabError):
        pair(Takes.SUSPECTS, text(*truth), np.zeros((2, 2)))


def test_a_table_of_another_width_is_refused() -> None:
    with pytest.raises(Malformed, match=r"expected shape \(2, 2\), got \(2, 3\)"):
        pair(Takes.SUSPECTS, text("in A", "out B"), np.zeros((2, 3)))
