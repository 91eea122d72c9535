from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labrun.domain.evidence import Evidence
from labrun.domain.grade import Finding, Outcome
from labrun.domain.lab import Lab
from labrun.errors import LabError
from labrun.grading.grader import Grader

MakeLab = Callable[..., Lab]
MakeEvidence = Callable[..., Evidence]
Judge = Callable[..., Finding]


@pytest.fixture
def judge(lab: MakeLab, evidence: MakeEvidence) -> Judge:
    """Look at values of three rows by one schema check; returns its finding."""

    def run(values: Any, *, split: str = "hidden", **options: Any) -> Finding:
        grader = Grader(lab({"id": "contract", "type": "schema", **options}))
        seen = evidence(values, order=(2, 0, 1), split=split)
        return grader.grade(seen, {}).results[0].finding

    return run


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ([1.5, -2, 3], {}),
        (np.array([1, 2, 3]), {"kind": "integer", "range": [1, 3]}),
        (np.array([1.0, 2.0, 3.0]), {"kind": "integer"}),
        ([0, 0.5, 1], {"kind": "probability"}),
        ([[0.1, 0.9], [0.2, 0.8], [0.5, 0.5]], {"columns": 2, "sums_to_one": True}),
        (["a", "b", "a"], {"kind": "label", "labels": ["a", "b"]}),
        ([0.0, 1.0, 1.0], {"kind": "label", "labels": [0, 1]}),
        (["any", "words", ""], {"kind": "text"}),
        (pd.DataFrame({"prediction": [1, 2, 3]}), {}),
        ([1, 2], {"rows": 2}),
    ],
)
def test_well_formed_values_pass(judge: Judge, values: Any, options: Any) -> None:
    found = judge(values, **options)
    assert (found.outcome, found.share) == (Outcome.PASSED, 1)
    assert found.rationale.endswith("rows, every one well formed")


@pytest.mark.parametrize(
    ("values", "options", "said"),
    [
        ([1, 2], {}, "expected shape (3,), got (2,)"),
        ([1, 2, 3, 4], {}, "expected shape (3,), got (4,)"),
        ([[1], [2], [3]], {}, "expected shape (3,), got (3, 1)"),
        ([1, 2, 3], {"columns": 2}, "expected shape (3, 2), got (3,)"),
        ([[1, 2, 3]] * 3, {"columns": 2}, "expected shape (3, 2), got (3, 3)"),
        ([], {"rows": 1}, "expected shape (1,), got (0,)"),
        ([1, np.nan, np.inf], {}, "2 of 3 values are NaN or infinite"),
        ([1, 2.5, 3], {"kind": "integer"}, "1 of 3 values are not whole numbers"),
        ([0, 1.5, 1], {"kind": "probability"}, "1 of 3 values are outside 0 to 1"),
        ([0, 5, 11], {"range": [0, 10]}, "1 of 3 values are outside 0 to 10"),
        ([0, 0.4, 1], {"kind": "probability", "range": [0.5, 1]}, "2 of 3 values are outside"),
        ([[0.1, 0.8]] * 3, {"columns": 2, "sums_to_one": True}, "3 of 3 values are sums of a row"),
        (["a", "b", "c"], {}, "expected numbers, got text"),
        ([1, 2, 3], {"kind": "text"}, "expected text, got dtype int64"),
        ([0.5, np.nan, 1], {"kind": "label"}, "1 of 3 values are NaN or infinite"),
        ([1, 2, 3], {"labels": [1, 2]}, "1 of 3 values are none of the labels"),
        (["1", "2", "1"], {"kind": "label", "labels": [1, 2]}, "3 of 3 values are none"),
        ({"a": [1], "b": [2]}, {}, "expected an array, got a dict"),
        (b"garbage", {}, "frame"),
    ],
)
def test_what_is_wrong_is_counted(judge: Judge, values: Any, options: Any, said: str) -> None:
    found = judge(values, **options)
    assert (found.outcome, found.share, found.fault) == (Outcome.FAILED, 0, None)
    assert said in found.rationale


def test_strange_labels_are_quoted_on_public_data_only(judge: Judge) -> None:
    secret = "the hidden row says 42" * 10
    options: dict[str, Any] = {"kind": "label", "labels": ["a"]}
    assert "42" not in judge(["a", secret, "b"], **options).rationale
    public = judge(["a", secret, "b"], split="public", **options).rationale
    assert "'b'" in public
    assert len(public) < 150


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"range": [3, 1]}, r"checks\.contract\.range: 3 is not below 1"),
        ({"kind": "label", "range": [0, 1]}, r"checks\.contract\.range: does not go with kind"),
        ({"sums_to_one": True}, r"checks\.contract\.sums_to_one: needs `columns`"),
        ({"kind": "float"}, r"checks\.contract\.kind: .*'number'.* found 'float'"),
        ({"columns": 0}, r"checks\.contract\.columns: .* found 0"),
        ({"phase": "nope"}, r"checks\.contract\.phase: there is no phase"),
        ({"colums": 2}, r"checks\.contract\.colums: there is no such key"),
    ],
)
def test_wrong_options_are_refused_by_field(judge: Judge, options: Any, said: str) -> None:
    with pytest.raises(LabError, match=said):
        judge([1, 2, 3], **options)
