"""For other programs: ``result.json`` and its schema."""

import json
import math
from typing import Any

from labrun.domain.record import Record
from labrun.domain.result import Result
from labrun.report import FORMATS


@FORMATS.register("json")
def as_json(result: Result) -> str:
    """Return the result, field for field, as ASCII: safe in a terminal, a page and a log."""
    return ascii_json(result)


def ascii_json(record: Record) -> str:
    """Return any record as JSON in ASCII; half characters become question marks."""
    return json.dumps(_valid(record.model_dump(mode="json")), indent=2, allow_nan=False) + "\n"


def schema_text() -> str:
    """Return the JSON Schema of a result, as ``report/result.schema.json`` ships it."""
    schema = Result.model_json_schema(mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$id"] = "urn:labrun:result:v1"
    return json.dumps(schema, indent=2) + "\n"


def _valid(value: Any) -> Any:
    """Return ``value`` without what JSON cannot say: half characters and endless numbers."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {_valid(key): _valid(inner) for key, inner in value.items()}
    return [_valid(inner) for inner in value] if isinstance(value, list) else value
