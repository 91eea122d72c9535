import json
from typing import Any

import pytest

from labrun.domain.lab import CheckSpec, Lab
from labrun.store.lab_schema import lab_schema, schema_text

OPTIONS: dict[str, Any] = {
    "phase": {"type": "object", "properties": {"phase": {"type": "string"}}},
    "threshold": {
        "$defs": {
            "Ramp": {"type": "object", "properties": {"mark": {"$ref": "#/$defs/Mark"}}},
            "Mark": {"type": "number"},
        },
        "type": "object",
        "properties": {
            "metric": {"type": "string"},
            "decision": {
                "oneOf": [{"$ref": "#/$defs/Ramp"}],
                "discriminator": {"mapping": {"ramp": "#/$defs/Ramp"}, "propertyName": "rule"},
            },
        },
        "required": ["metric"],
    },
}


@pytest.fixture
def schema() -> dict[str, Any]:
    return lab_schema(OPTIONS)


def branch(schema: dict[str, Any], check_type: str) -> dict[str, Any]:
    for each in schema["$defs"]["CheckSpec"]["allOf"]:
        if each["if"]["properties"]["type"]["const"] == check_type:
            return dict(each["then"])
    raise AssertionError(check_type)


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        return set().union(*map(references, node.values()))
    if isinstance(node, list):
        return set().union(*map(references, node))
    return {node} if isinstance(node, str) and node.startswith("#/$defs/") else set()


def test_keys_are_written_as_in_the_file_and_unknown_ones_refused(schema: dict[str, Any]) -> None:
    assert "schema" in schema["properties"]
    assert "schema_version" not in schema["properties"]
    assert set(schema["properties"]) == {
        field.alias or name for name, field in Lab.model_fields.items()
    }
    ours = {name: body for name, body in schema["$defs"].items() if "." not in name}
    assert schema["additionalProperties"] is False
    records = {name: body for name, body in ours.items() if body["type"] == "object"}
    assert {name for name, body in records.items() if body.get("additionalProperties", True)} == {
        "CheckSpec"
    }


def test_the_type_of_a_check_is_one_of_those_there_are(schema: dict[str, Any]) -> None:
    assert schema["$defs"]["CheckSpec"]["properties"]["type"]["enum"] == ["phase", "threshold"]


def test_the_type_of_a_check_decides_its_further_keys(schema: dict[str, Any]) -> None:
    known = set(CheckSpec.model_fields)
    assert set(branch(schema, "phase")["properties"]) == known | {"phase"}
    assert set(branch(schema, "threshold")["properties"]) == known | {"metric", "decision"}
    assert branch(schema, "threshold")["required"] == ["metric"]
    assert branch(schema, "threshold")["additionalProperties"] is False
    assert "additionalProperties" not in schema["$defs"]["CheckSpec"]


def test_every_reference_leads_somewhere_and_none_to_another_check_type(
    schema: dict[str, Any],
) -> None:
    assert {name.removeprefix("#/$defs/") for name in references(schema)} <= set(schema["$defs"])
    assert references(branch(schema, "threshold")) == {"#/$defs/threshold.Ramp"}
    assert references(schema["$defs"]["threshold.Ramp"]) == {"#/$defs/threshold.Mark"}


def test_a_single_name_may_stand_where_a_list_of_names_may(schema: dict[str, Any]) -> None:
    for record, field in (("Phase", "input"), ("CheckSpec", "needs")):
        kinds = [each["type"] for each in schema["$defs"][record]["properties"][field]["anyOf"]]
        assert kinds == ["string", "array"]
        assert schema["$defs"][record]["properties"][field]["default"] == []


def test_the_options_that_were_given_are_left_as_they_were() -> None:
    before = json.dumps(OPTIONS)
    lab_schema(OPTIONS)
    assert json.dumps(OPTIONS) == before


def test_the_text_is_the_same_every_time_and_ends_in_a_newline() -> None:
    assert schema_text(OPTIONS) == schema_text(OPTIONS)
    assert schema_text(OPTIONS).endswith("}\n")
    assert json.loads(schema_text(OPTIONS)) == lab_schema(OPTIONS)
