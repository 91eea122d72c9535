"""The JSON Schema of lab.yaml, which tells an editor what may be written where."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BeforeValidator

from labrun.domain.lab import CheckSpec, Lab, Phase
from labrun.domain.record import Record

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "lab.yaml of labrun"

_REFERENCE = "#/$defs/"

JsonSchema = dict[str, Any]


def lab_schema(options: Mapping[str, JsonSchema]) -> JsonSchema:
    """Return the schema of lab.yaml, given that of the options of each check type."""
    schema = Lab.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    for record in (Phase, CheckSpec):
        _accept_single_names(definitions[record.__name__], record)
    for check_type, body in options.items():
        definitions |= _definitions(check_type, body)
    definitions[CheckSpec.__name__] = _check(definitions[CheckSpec.__name__], options)
    schema["$defs"] = dict(sorted(definitions.items()))
    return {"$schema": DIALECT, **schema, "title": TITLE}


def schema_text(options: Mapping[str, JsonSchema]) -> str:
    """Return the schema as the file ``lab.schema.json`` holds it."""
    return json.dumps(lab_schema(options), indent=2, ensure_ascii=False) + "\n"


def _accept_single_names(definition: JsonSchema, record: type[Record]) -> None:
    """Allow ``input: train`` beside ``input: [train]``, as the records do."""
    for name, field in record.model_fields.items():
        if any(isinstance(each, BeforeValidator) for each in field.metadata):
            listed = definition["properties"][name]
            about = {
                key: listed.pop(key) for key in ("title", "description", "default") if key in listed
            }
            definition["properties"][name] = {**about, "anyOf": [listed["items"], listed]}


def _check(common: JsonSchema, options: Mapping[str, JsonSchema]) -> JsonSchema:
    """Return the schema of a check: its type decides which further keys it has."""
    known = common["properties"]
    return {
        **{key: value for key, value in common.items() if key != "additionalProperties"},
        "properties": {**known, "type": {**known["type"], "enum": sorted(options)}},
        "allOf": [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": _typed(name, known, options[name]),
            }
            for name in sorted(options)
        ],
    }


def _typed(check_type: str, known: JsonSchema, body: JsonSchema) -> JsonSchema:
    body = _renamed(check_type, body)
    return {
        "properties": {**dict.fromkeys(known, True), **body.get("properties", {})},
        "required": body.get("required", []),
        "additionalProperties": False,
    }


def _definitions(check_type: str, body: JsonSchema) -> JsonSchema:
    return {
        f"{check_type}.{name}": _renamed(check_type, definition)
        for name, definition in body.get("$defs", {}).items()
    }


def _renamed(check_type: str, node: Any) -> Any:
    """Return a copy whose references lead to the definitions of this check type."""
    if isinstance(node, list):
        return [_renamed(check_type, each) for each in node]
    if isinstance(node, dict):
        return {key: _renamed(check_type, value) for key, value in node.items()}
    if isinstance(node, str) and node.startswith(_REFERENCE):
        return f"{_REFERENCE}{check_type}.{node.removeprefix(_REFERENCE)}"
    return node
