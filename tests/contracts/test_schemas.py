"""The JSON Schema of lab.yaml that ships is the one the code means, and every lab fits it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from labrun.grading.check import options_schema
from labrun.store.lab_schema import schema_text

ROOT = Path(__file__).parent.parent.parent
SHIPPED = ROOT / "runner/labrun/store/lab.schema.json"
LABS = sorted((ROOT / "labs").glob("*/lab.yaml"))


def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return found


def test_the_shipped_schema_is_current() -> None:
    assert SHIPPED.read_text(encoding="utf-8") == schema_text(options_schema())


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.parent.name)
def test_every_lab_fits_the_schema(path: Path) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), schema())


@pytest.mark.parametrize(
    "change", [{"minuts": 5}, {"slug": "No Slug"}, {"checks": [{"id": "a", "type": "phase"}]}]
)
def test_a_mistake_does_not_fit(change: dict[str, Any]) -> None:
    lab = yaml.safe_load(LABS[0].read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(lab | change, schema())
