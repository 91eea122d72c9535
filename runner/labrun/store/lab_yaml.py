"""Read a YAML file into a record, and say line and column of whatever is wrong with it."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from labrun.domain.record import FileName, Record, Slug
from labrun.errors import LabError
from labrun.store.yaml_text import Document, Loc, child, follow, quote, read_document, start

MAX_PROBLEMS = 20
MAX_EXPLAINED = 200  # of thousands, looking each up would take minutes

R = TypeVar("R", bound=Record)
_KEY = "[key]"

_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a mapping (key: value)",
    "float_parsing": "a number",
    "float_type": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "mapping_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "string_type": "text (in quotes where YAML would read a number or a date)",
    "too_short": "at least {min_length} in the list",
    "tuple_type": "a list",
}


class _Names(Record):
    """Holds the patterns that have words of their own."""

    slug: Slug
    file: FileName


class _Problem(NamedTuple):
    """``rank`` puts the causes first: an unknown key often explains a missing one."""

    rank: int
    line: int
    column: int
    text: str


def read_record(path: Path, record: type[R]) -> R:
    """Return the record that ``path`` holds; `LabError` lists each problem on a line of its own."""
    document = read_document(path)
    try:
        return record.model_validate(document.value)
    except ValidationError as error:
        problems = _Explainer(document, record).problems(error)
        left_out = max(0, error.error_count() - MAX_EXPLAINED)
    lines = [f"{path}:{line}:{column}: {text}" for _, line, column, text in problems]
    if len(lines) > MAX_PROBLEMS:
        lines[MAX_PROBLEMS:] = [f"and {len(lines) - MAX_PROBLEMS + left_out} more problems"]
    raise LabError("\n".join(lines), help=f"correct {path.name} and run the command again")


def locate(path: Path, loc: Loc) -> tuple[int, int]:
    """Return line and column, from 1, of the value at ``loc``, or of its nearest parent's key."""
    found = follow(read_document(path).root, loc)
    return start(found.value if found.depth == len(loc) else found.key)


def locate_key(path: Path, loc: Loc) -> tuple[int, int]:
    """Return line and column, from 1, of the key at ``loc``, or of the nearest parent's."""
    return start(follow(read_document(path).root, loc).key)


class _Explainer:
    """Turns what pydantic says about a record into what an author needs to know."""

    def __init__(self, document: Document, record: type[Record]) -> None:
        self._root = document.root
        self._schema = record.model_json_schema()
        names = _Names.model_json_schema()["properties"]
        self._words = {
            names["slug"]["pattern"]: "lower-case letters and digits, joined by '-' or '_'",
            names["file"]["pattern"]: "a file name of letters, digits, '.', '-' and '_'",
            r"^\d+\.\d+\.\d+$": "three numbers such as 1.0.0",
            r"^[A-Za-z_]\w*:[A-Za-z_]\w*$": "module:function, such as solution:fit",
        }

    def problems(self, error: ValidationError) -> list[_Problem]:
        """Return what is wrong: causes first, then in the order of the file."""
        details = error.errors(include_url=False)[:MAX_EXPLAINED]
        meant = set[tuple[str | int, ...]]()
        found: list[_Problem] = []
        groups: dict[tuple[str | int, ...], list[Any]] = {}
        for each in details:
            loc = each["loc"]
            if each["type"] == "extra_forbidden":
                close = self._close(loc)
                meant.update((*loc[:-1], name) for name in close)
                found.append(self._unknown(loc, close))
            elif each["type"] != "missing":
                groups.setdefault(loc[: follow(self._root, loc).depth], []).append(each)
        found += [self._wrong(loc, group) for loc, group in groups.items()]
        found += [
            self._missing(each["loc"])
            for each in details
            if each["type"] == "missing" and each["loc"] not in meant
        ]
        return sorted(found)

    def _known(self, loc: Loc) -> list[str]:
        return [name for node in self._at(loc[:-1]) for name in node.get("properties", {})]

    def _close(self, loc: Loc) -> list[str]:
        parent = follow(self._root, loc[:-1]).value
        free = [name for name in self._known(loc) if child(parent, name) is None]
        return difflib.get_close_matches(str(loc[-1]), free, n=1)

    def _unknown(self, loc: Loc, close: list[str]) -> _Problem:
        hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(self._known(loc))}"
        text = f"{_dotted(loc)}: unknown key {quote(loc[-1])}, {hint}"
        return _Problem(0, *start(follow(self._root, loc).key), text)

    def _missing(self, loc: Loc) -> _Problem:
        about = [text for node in self._at(loc) if (text := node.get("description"))]
        wanted = f" ({about[0]})" if about else ""
        text = f"{_dotted(loc)}: missing, expected the key {str(loc[-1])!r}{wanted}"
        return _Problem(2, *start(follow(self._root, loc).key), text)

    def _wrong(self, loc: Loc, errors: list[Any]) -> _Problem:
        found = follow(self._root, loc)
        place = start(found.key if errors[0]["loc"][-1:] == (_KEY,) else found.value)
        if errors[0]["type"] == "value_error":
            return _Problem(3, *place, f"{_dotted(loc)}: {errors[0]['ctx']['error']}")
        wanted = " or ".join(dict.fromkeys(self._expected(error) for error in errors))
        text = f"{_dotted(loc)}: found {quote(errors[0]['input'])}, expected {wanted}"
        return _Problem(1, *place, text)

    def _expected(self, error: Any) -> str:
        context = error.get("ctx", {})
        if error["type"] == "string_pattern_mismatch":
            pattern = context["pattern"]
            return self._words.get(pattern, f"text that matches {pattern}")
        if error["type"] in _EXPECTED:
            return _EXPECTED[error["type"]].format(**context)
        return str(error["msg"]).removeprefix("Input should be ")

    def _at(self, loc: Loc) -> list[dict[str, Any]]:
        """Return the JSON Schemas that apply at ``loc``."""
        nodes = list(self._plain(self._schema))
        for step in loc:
            nodes = [plain for node in nodes for plain in self._plain(_below(node, step))]
        return nodes

    def _plain(self, node: Any) -> Iterator[dict[str, Any]]:
        if not isinstance(node, dict):
            return
        if "$ref" in node:
            yield from self._plain(self._schema["$defs"][node["$ref"].rpartition("/")[2]])
        elif "anyOf" in node:
            for option in node["anyOf"]:
                yield from self._plain(option)
        else:
            yield node


def _below(node: dict[str, Any], step: str | int) -> Any:
    if isinstance(step, int):
        return node.get("items")
    return node.get("properties", {}).get(step) or node.get("additionalProperties")


def _dotted(loc: Loc) -> str:
    text = "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc if step != _KEY
    )
    return quote(text.removeprefix("."))[1:-1] or "the file"
