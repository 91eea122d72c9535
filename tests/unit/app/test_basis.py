from typing import Any

import pytest

from labrun.app.basis import BASIS, Basis, as_file, misfits, read_basis
from labrun.domain.evidence import (
    Ending,
    Evidence,
    PhaseResult,
    UnitEnding,
    UnitResult,
    UnitRun,
    Variant,
)
from labrun.domain.lab import Lab

LAB = Lab.model_validate(
    {
        "schema": "labrun/v1", "slug": "x", "version": "1.0.0", "title": "A lab", "track": "t",
        "minutes": 1, "submission": {"require": ["a.py"]},
        "phases": [{"name": "predict", "call": "a:predict", "input": "features"}],
        "checks": [{"id": "tests", "type": "hidden-tests", "points": 1}],
    }
)  # fmt: skip
THEN = Basis(
    calls={"predict": "1"},
    limits={"predict": "1", "tests": "1"},
    tests={"tests": "1"},
    reading=(),
    runs={"rows": "1"},
    tables={"features": "1", "truth": "1"},
)


def evidence(ending: Ending = Ending.DONE, unit: UnitEnding = UnitEnding.PASSED) -> Evidence:
    phase = PhaseResult(phase="predict", ending=ending)
    tests = (UnitResult(test="t", ending=unit, points=1),)
    return Evidence(
        lab="x", submission="0" * 64, split="hidden", seed=1, phases=(phase,),
        units=(UnitRun(check="tests", complete=True, results=tests),),
        variants=(Variant(check="rows", name="one", phases=(phase,)),),
    )  # fmt: skip


def now(**fields: Any) -> Basis:
    return THEN.model_copy(update=fields)


def test_evidence_fits_what_it_was_gathered_on() -> None:
    assert misfits(THEN, THEN, LAB, evidence()) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"calls": {"predict": "2"}}, "phase 'predict' is called in another way"),
        ({"tests": {"tests": "2"}}, "the tests of 'tests' changed"),
        ({"runs": {"rows": "2"}}, "the further runs of 'rows' changed"),
        (
            {"tables": {"features": "2", "truth": "1"}},
            "table 'features', which phase 'predict' is given, changed",
        ),
        (
            {"tables": {"features": "1", "truth": "2"}, "reading": ("tests",)},
            "the tests of 'tests' read tables, and 'truth' changed",
        ),
    ],
)
def test_what_the_code_would_be_asked_otherwise_is_said(fields: Any, said: str) -> None:
    assert misfits(now(**fields), THEN, LAB, evidence()) == [said]


@pytest.mark.parametrize(
    "fields",
    [{"tables": {"features": "1", "truth": "2"}}, {"limits": {"predict": "2", "tests": "2"}}],
)
def test_other_answers_and_limits_that_nothing_ran_into_do_not_matter(fields: Any) -> None:
    assert misfits(now(**fields), THEN, LAB, evidence()) == []


def test_a_limit_that_something_ran_into_matters() -> None:
    wider = now(limits={"predict": "2", "tests": "2"})
    found = misfits(wider, THEN, LAB, evidence(Ending.TIMED_OUT, UnitEnding.TIMED_OUT))
    assert found == [
        "the limits of phase 'predict' changed, and it ended as timed-out",
        "the limits of 'tests' changed, and a test ran into them",
    ]


def test_a_phase_that_is_gone_is_said() -> None:
    none = LAB.model_copy(update={"phases": ()})
    assert misfits(THEN, THEN, none, evidence()) == ["the lab has no phase 'predict' any more"]


def test_a_basis_survives_the_disk() -> None:
    assert read_basis(as_file(THEN)) == THEN
    assert read_basis({}) is None
    assert read_basis({BASIS: b"{}"}) is None
