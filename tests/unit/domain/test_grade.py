import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from labrun.domain.grade import CheckResult, Finding, Grade, Outcome, Verdict, score


def result(points: float, of: float, *, id: str = "a") -> CheckResult:
    finding = Finding(outcome=Outcome.PASSED, rationale="because", share=1)
    return CheckResult(
        id=id,
        type="phase",
        title="A",
        points=points,
        of=of,
        gate=False,
        reveal="all",
        finding=finding,
    )


def test_a_score_is_out_of_a_hundred() -> None:
    assert score([result(30, 40), result(10, 10)]) == 80


def test_a_score_prints_as_it_counts() -> None:
    assert score([result(2, 3)]) == 66.67
    assert score([result(69.999, 100)]) == 70


def test_nothing_to_earn_is_no_score() -> None:
    assert score([]) == 0
    assert score([result(0, 0)]) == 0


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 100)), max_size=10))
def test_a_score_stays_within_0_and_100(shares: list[tuple[float, float]]) -> None:
    assert 0 <= score([result(share * of, of) for share, of in shares]) <= 100


def test_a_result_is_found_by_its_check() -> None:
    grade = Grade(
        lab="l",
        submission="s",
        verdict=Verdict.PASSED,
        score=100,
        pass_score=70,
        failed_gates=(),
        results=(result(1, 1), result(2, 2, id="b")),
    )
    found = grade.result("b")
    assert found is not None
    assert found.points == 2
    assert grade.result("c") is None


def test_a_grade_survives_being_written_down() -> None:
    one = result(1, 1)
    assert CheckResult.model_validate_json(one.model_dump_json()) == one


def test_a_finding_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError):
        result(1, 1).finding.share = 0.5  # type: ignore[misc]
