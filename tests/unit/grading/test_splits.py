from typing import Any

import numpy as np
import pytest

from labrun.errors import LabError
from labrun.grading.splits import feedback_rows

Table = dict[str, Any]


def table(n: int = 200, seed: int = 0) -> Table:
    rng = np.random.default_rng(seed)
    return {
        "truth": {"label": rng.integers(0, 2, n)},
        "features": {"x": rng.permutation(n), "name": np.array([f"r{i}" for i in range(n)], "O")},
    }


def in_order(tables: Table, order: Any) -> Table:
    return {name: {k: v[order] for k, v in columns.items()} for name, columns in tables.items()}


@pytest.mark.parametrize("share", [0.1, 0.4, 0.75])
def test_a_share_of_the_rows_is_for_feedback(share: float) -> None:
    assert feedback_rows("lab", table(), share=share).sum() == share * 200


def test_a_row_belongs_to_the_same_part_wherever_it_stands() -> None:
    order = np.random.default_rng(1).permutation(200)
    rows = feedback_rows("lab", table(), share=0.4)
    assert (feedback_rows("lab", in_order(table(), order), share=0.4) == rows[order]).all()


def test_another_lab_splits_the_same_rows_otherwise() -> None:
    first, second = (feedback_rows(lab, table(), share=0.5) for lab in ("lab", "other"))
    assert 60 < (first == second).sum() < 140


def test_other_answers_change_the_split_even_of_rows_that_look_the_same() -> None:
    changed = table()
    changed["truth"]["label"][0] ^= 1
    rows = feedback_rows("lab", table(), share=0.5)
    assert 60 < (feedback_rows("lab", changed, share=0.5) == rows).sum() < 140


def test_groups_stay_whole() -> None:
    groups = np.repeat(np.arange(40), 5)
    rows = feedback_rows("lab", table(), share=0.4, groups=groups)
    assert {int(rows[groups == each].sum()) for each in range(40)} == {0, 5}
    assert rows.sum() == 0.4 * 200


def test_rows_alike_in_every_column_stay_together() -> None:
    twice = in_order(table(), np.repeat(np.arange(200), 2))
    rows = feedback_rows("lab", twice, share=0.4)
    assert (rows[::2] == rows[1::2]).all()


def test_there_is_always_a_row_on_either_side() -> None:
    groups = np.repeat(["a", "b"], 100)
    for share in (0.01, 0.99):
        assert feedback_rows("lab", table(), share=share, groups=groups).sum() == 100


def test_rows_that_cannot_be_told_apart_are_the_labs_fault() -> None:
    with pytest.raises(LabError, match="only 2 of 200 hidden rows of lab 'lab' differ"):
        feedback_rows("lab", {"truth": table()["truth"]}, share=0.4)
    with pytest.raises(LabError, match="are of one group"):
        feedback_rows("lab", table(), share=0.4, groups=np.zeros(200))
