"""A data set as MLCommons Croissant metadata, made from its dataset.yaml and its raw files.

Croissant (mlcommons.org/croissant/1.0) is JSON-LD that catalogues and loaders read. Nothing is said
twice by hand: `write` makes croissant.json, and a contract test holds it to what `text_of` returns.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from labrun.errors import LabError
from labrun.store.datasets import DataFile, Dataset, read_dataset

FILE = "croissant.json"
CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
CONTEXT = Path(__file__).with_name("croissant_context.json")  # the standard one, word for word
KINDS = {  # what the name of a Parquet type begins with, and the type it is in Croissant
    "bool": "sc:Boolean",
    "date": "sc:Date",
    "double": "sc:Float",
    "float": "sc:Float",
    "int": "sc:Integer",
    "large_string": "sc:Text",
    "string": "sc:Text",
    "timestamp": "sc:DateTime",
    "uint": "sc:Integer",
    "binary": "sc:Text",  # Croissant has no word for bytes
}


def write(directory: Path) -> Path:
    """Write ``directory``/croissant.json anew and return its path."""
    path = directory / FILE
    path.write_text(text_of(directory), encoding="utf-8")
    return path


def text_of(directory: Path) -> str:
    """Return the metadata of the data set in ``directory`` as it is written.

    Raises `LabError` where dataset.yaml or a raw file cannot be read.
    """
    dataset = read_dataset(directory)
    said: dict[str, Any] = {
        "@context": json.loads(CONTEXT.read_text(encoding="utf-8")),
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": dataset.name,
        "description": _description(dataset),
        "license": dataset.licence,
    }
    if dataset.cite:
        said["citeAs"] = dataset.cite
    said["distribution"] = [_file_object(file) for file in dataset.files]
    said["recordSet"] = [_record_set(directory, file) for file in dataset.files]
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def _description(dataset: Dataset) -> str:
    said = dataset.redistribute
    allowed = said if isinstance(said, str) else "yes" if said else "no"
    parts = [dataset.title, f"Source: {dataset.source}"]
    if dataset.package:
        parts.append(f"Taken from: {dataset.package}, version {dataset.version}")
    parts += [f"May be passed on: {allowed}", f"The data card is {dataset.card}"]
    return " ".join(f"{part.rstrip('.')}." for part in parts)


def _file_object(file: DataFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "contentUrl": file.name,
        "encodingFormat": "application/x-parquet",
        "sha256": file.sha256,
    }


def _record_set(directory: Path, file: DataFile) -> dict[str, Any]:
    name = Path(file.name).stem
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{file.rows:,} rows" if file.rows else file.name,
        "field": [
            _field(name, file, column, kind) for column, kind in _columns(directory / file.name)
        ],
    }


def _field(record_set: str, file: DataFile, column: str, kind: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}/{quote(column, safe='')}",
        "name": column,
        "dataType": kind,
        "source": {"fileObject": {"@id": file.name}, "extract": {"column": column}},
    }


def _columns(path: Path) -> list[tuple[str, str]]:
    """Return name and Croissant type of each column of a Parquet file."""
    from pyarrow import ArrowException, parquet  # noqa: PLC0415  (where labs are written only)

    try:
        schema = parquet.read_schema(path)
    except (OSError, ArrowException) as error:
        msg = f"{path} cannot be read as Parquet: {error}"
        raise LabError(msg, help="restore the file; raw files of a data set are Parquet") from None
    return [(each.name, _kind(path, each.name, str(each.type))) for each in schema]


def _kind(path: Path, column: str, found: str) -> str:
    for begins, kind in KINDS.items():
        if found.startswith(begins):
            return kind
    msg = f"{path}: column {column!r} is of type {found}, which Croissant has no word for"
    raise LabError(msg, help="store it as numbers, text, dates or true and false")
