from importlib import resources

from labrun.domain.result import Result
from labrun.report.as_json import as_json, schema_text

REFRESH = (
    "python -c 'from labrun.report.as_json import schema_text; print(schema_text(), end=str())'"
    " > runner/labrun/report/result.schema.json"
)


def test_the_shipped_schema_is_current() -> None:
    shipped = resources.files("labrun.report").joinpath("result.schema.json").read_text("utf-8")
    assert shipped == schema_text(), REFRESH


def test_a_result_comes_back_as_it_went(gate_failed: Result) -> None:
    assert Result.model_validate_json(as_json(gate_failed)) == gate_failed


def test_a_number_without_end_becomes_null(gate_failed: Result) -> None:
    odd = gate_failed.model_copy(update={"seconds": float("nan")})
    assert '"seconds": null' in as_json(odd)
