from typing import Any

import numpy as np
import pandas as pd
import pytest

from labrun.grading.predictions import Malformed, as_array


@pytest.mark.parametrize(
    "value",
    [
        [1, 2, 3],
        (1, 2, 3),
        np.array([1, 2, 3]),
        {"prediction": [1, 2, 3]},
        pd.DataFrame({"prediction": [1, 2, 3]}),
    ],
)
def test_one_value_a_row_may_come_in_many_forms(value: Any) -> None:
    assert as_array(value).tolist() == [1, 2, 3]


def test_text_stays_text() -> None:
    assert as_array(["a", "b"]).tolist() == ["a", "b"]
    assert as_array(pd.DataFrame({"p": ["a", "b"]})).tolist() == ["a", "b"]


def test_columns_stay_columns() -> None:
    assert as_array(pd.DataFrame({"no": [0.1, 0.2], "yes": [0.9, 0.8]})).shape == (2, 2)
    assert as_array([[1, 2], [3, 4]]).shape == (2, 2)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, "got a NoneType"),
        ("abc", "got a str"),
        (3.5, "got a float"),
        (np.array(3.5), "a single value"),
        ({"a": [1], "b": [2]}, "got a dict"),
        ([1, "a"], "list of int, str"),
        (["a", None], "list of NoneType, str"),
        ([[1, 2], [3]], "not of one shape"),
        ([10**400, 1.0], "list of float, int"),
        (np.array([1j]), "got dtype complex128"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "got dtype datetime64"),
        (np.array([b"a"]), "got dtype"),
        (np.array(["a", None], dtype=object), "missing"),
        (pd.DataFrame({"p": ["a", None]}), "missing"),
        ([], None),
    ],
)
def test_anything_else_is_malformed_and_quotes_no_value(value: Any, found: str | None) -> None:
    if found is None:
        assert as_array(value).shape == (0,)
        return
    with pytest.raises(Malformed, match=found):
        as_array(value)
