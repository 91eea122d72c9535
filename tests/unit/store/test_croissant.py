import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from labrun.errors import LabError
from labrun.store import croissant

ABOUT = """\
name: birds
title: Birds of an island
source: A count of 1999
package: birds (PyPI)
version: 1.2.3
licence: CC0
redistribute: true
cite: Nobody (1999).
files: [{{name: birds.parquet, sha256: {sha256}, rows: 1, columns: {columns}}}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "birds"


def described(folder: Path, **columns: Any) -> dict[str, Any]:
    """Write a data set with one row and return its metadata."""
    folder.mkdir()
    parquet.write_table(pa.table(columns), folder / "birds.parquet")
    sha256 = hashlib.sha256((folder / "birds.parquet").read_bytes()).hexdigest()
    about = ABOUT.format(sha256=sha256, columns=len(columns))
    (folder / "dataset.yaml").write_text(about, encoding="utf-8")
    found: dict[str, Any] = json.loads(croissant.text_of(folder))
    return found


def test_what_dataset_yaml_says_is_in_the_metadata(folder: Path) -> None:
    found = described(folder, wing=[1.5])
    assert (found["name"], found["license"], found["citeAs"]) == ("birds", "CC0", "Nobody (1999).")
    assert found["description"] == (
        "Birds of an island. Source: A count of 1999. Taken from: birds (PyPI), version 1.2.3. "
        "May be passed on: yes. The data card is README.md."
    )
    (file,) = found["distribution"]
    assert file["sha256"] == hashlib.sha256((folder / "birds.parquet").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1.5, "sc:Float"),
        (7, "sc:Integer"),
        ("gull", "sc:Text"),
        (b"\0\1", "sc:Text"),
        (True, "sc:Boolean"),
        (pa.scalar(0, pa.date32()).as_py(), "sc:Date"),
        (pa.scalar(0, pa.timestamp("s")).as_py(), "sc:DateTime"),
    ],
)
def test_each_type_of_column_has_its_word(folder: Path, value: Any, kind: str) -> None:
    (records,) = described(folder, wing=[value])["recordSet"]
    assert [field["dataType"] for field in records["field"]] == [kind]


def test_a_column_keeps_its_name_and_gets_an_id_that_is_an_iri(folder: Path) -> None:
    (records,) = described(folder, **{"wing length/mm": [1.5]})["recordSet"]
    (field,) = records["field"]
    assert field["name"] == field["source"]["extract"]["column"] == "wing length/mm"
    assert field["@id"] == "birds/wing%20length%2Fmm"


def test_a_type_without_a_word_is_refused_by_column(folder: Path) -> None:
    with pytest.raises(LabError, match="column 'wing' is of type list"):
        described(folder, wing=[[1, 2]])


def test_a_file_that_is_no_parquet_is_refused(folder: Path) -> None:
    described(folder, wing=[1.5])
    (folder / "birds.parquet").write_bytes(b"no parquet")
    with pytest.raises(LabError, match="cannot be read as Parquet"):
        croissant.text_of(folder)


def test_writing_gives_the_text(folder: Path) -> None:
    described(folder, wing=[1.5])
    path = croissant.write(folder)
    assert path == folder / "croissant.json"
    assert path.read_text(encoding="utf-8") == croissant.text_of(folder)
