import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrun.similarity.compare import LITTLE, Document, Scores, compare

NOTHING = np.empty(0, np.uint64)


def of(learner: str, *hashes: int) -> Document:
    return Document(learner=learner, hashes=np.array(sorted(hashes), np.uint64))


def known(*hashes: int) -> npt.NDArray[np.uint64]:
    return np.array(hashes, np.uint64)


def by_pair(scores: Scores) -> dict[tuple[int, int], int]:
    pairs = zip(scores.left.tolist(), scores.right.tolist(), strict=True)
    return dict(zip(pairs, scores.shared.tolist(), strict=True))


def test_containment_is_by_the_smaller_and_jaccard_by_both() -> None:
    scores = compare([of("ada", *range(100)), of("ben", *range(60, 110))], known=NOTHING)
    assert by_pair(scores) == {(0, 1): 40}
    assert scores.score.tolist() == [40 / 50]
    assert scores.jaccard.tolist() == [40 / 110]


def test_short_code_cannot_score_high() -> None:
    scores = compare([of("ada", 1, 2, 3, 4), of("ben", 1, 2, 3, 4)], known=NOTHING)
    assert scores.score.tolist() == [4 / LITTLE]


def test_what_the_lab_hands_out_does_not_count() -> None:
    scores = compare([of("ada", *range(50)), of("ben", *range(50))], known=known(*range(45)))
    assert by_pair(scores) == {(0, 1): 5}
    assert [len(own) for own in scores.own] == [5, 5]


def test_what_nearly_everybody_has_does_not_count() -> None:
    documents = [of(name, 1, 2, 100 + place) for place, name in enumerate("abcdef")]
    scores = compare([*documents, of("g", 2, 7), of("h", 7, 8), of("i", 2)], known=NOTHING)
    assert scores.common.tolist() == [2]  # 8 of 9; 1 is held by 6 of 9, which is not more
    assert by_pair(scores)[0, 1] == 1
    assert by_pair(scores)[6, 7] == 1


def test_among_few_what_all_have_may_be_one_copy() -> None:
    scores = compare([of(name, 1, 2) for name in "abcde"], known=NOTHING)
    assert len(scores.common) == 0
    assert set(by_pair(scores).values()) == {2}


def test_many_submissions_of_one_learner_make_nothing_common() -> None:
    again = [of("ada", 1, 2) for _ in range(20)]
    others = [of(name, 1 if name == "b" else 9, 3) for name in "bcdef"]
    assert 1 not in compare([*again, *others], known=NOTHING).common


def test_a_learner_is_not_compared_with_herself() -> None:
    scores = compare([of("ada", 1), of("ben", 1), of("ada", 1)], known=NOTHING)
    assert by_pair(scores) == {(0, 1): 1, (1, 2): 1}


@pytest.mark.parametrize("documents", [[], [of("ada", 1)], [of("ada"), of("ben")]])
def test_nothing_to_compare_is_no_error(documents: list[Document]) -> None:
    scores = compare(documents, known=NOTHING)
    assert scores.ranked(0.5, least=10) == []
    assert sum(scores.spread(10)[0]) == len(scores.score)


def test_the_most_alike_come_first_and_a_few_are_told_however_low() -> None:
    documents = [of("a", *range(40)), of("b", *range(40)), of("c", *range(10)), of("d", 99)]
    scores = compare(documents, known=NOTHING)
    assert [scores.shared[at] for at in scores.ranked(0.9, least=1)] == [40]
    assert [scores.shared[at] for at in scores.ranked(0.9, least=9)] == [40, 10, 10]
    assert scores.common_to(scores.ranked(0.9, least=1)[0]).tolist() == list(range(40))


def test_the_spread_counts_every_pair_once() -> None:
    documents = [of("a", *range(40)), of("b", *range(40)), of("c", 99)]
    counts, median, high = compare(documents, known=NOTHING).spread(10)
    assert counts == (2, 0, 0, 0, 0, 0, 0, 0, 0, 1)
    assert median == 0
    assert high == pytest.approx(0.9)


@given(
    st.lists(st.sets(st.integers(0, 30), max_size=20), max_size=7),
    st.sets(st.integers(0, 30), max_size=5),
)
def test_pairs_are_counted_as_sets_would_count_them(
    sets: list[set[int]], handed_out: set[int]
) -> None:
    documents = [of(f"learner {place}", *each) for place, each in enumerate(sets)]
    scores = compare(documents, known=known(*sorted(handed_out)))
    left_out = handed_out | set(scores.common.tolist())
    assert by_pair(scores) == {
        (one, other): len((sets[one] & sets[other]) - left_out)
        for one in range(len(sets))
        for other in range(one + 1, len(sets))
    }
