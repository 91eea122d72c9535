"""Read a YAML file strictly: plain values only, and a place for every one of them."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from yaml.constructor import ConstructorError, SafeConstructor

from labrun.errors import LabError

MAX_BYTES = 256_000
MAX_DEPTH = 20
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
TOO_DEEP_FOR_LIBYAML = "maximum nesting depth"  # its own limit, 1000 levels, since 0.2.6
MAX_QUOTED = 60
MAX_NUMBER = 100  # characters; Python takes seconds over numbers of very many digits

Loc = Sequence[str | int]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_NOT_TEXT = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Document(NamedTuple):
    """A file, as nodes that know their place and as plain values."""

    path: Path
    root: yaml.Node
    value: object


class Found(NamedTuple):
    """How far a location leads: the last key and value that exist, and what is left of it."""

    key: yaml.Node
    value: yaml.Node
    depth: int


def read_document(path: Path) -> Document:
    """Return the file, or a `LabError` that says where it is no YAML, or more than plain YAML."""
    text = _text(path)
    try:
        _refuse_oddities(path, text)
        root = yaml.compose(text, Loader=_LOADER)
        if root is None:
            msg = f"{path}: the file is empty"
            raise LabError(msg, help=f"start {path.name} from that of another folder")
        return Document(path, root, _Constructor().construct_document(root))
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(path, text, error) from None


def _text(path: Path) -> str:
    if not path.is_file():
        msg = f"{path} is not a file" if path.exists() else f"{path.parent} lacks {path.name}"
        raise LabError(msg, help=f"name a folder that holds {path.name}")
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise LabError(msg, help="look at its permissions") from None
    if len(body) > MAX_BYTES:
        msg = f"{path} holds more than {MAX_BYTES:,} bytes"
        raise LabError(msg, help="move data into files of their own")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        msg = f"{path}:{line}: not UTF-8 text: found the byte 0x{body[error.start]:02x}"
        raise LabError(msg, help="save the file as UTF-8") from None


def _refuse_oddities(path: Path, text: str) -> None:
    """Refuse what is valid YAML, or nearly, but no lab needs and a hostile file would use."""
    if odd := _NOT_TEXT.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        column = odd.start() - text.rfind("\n", 0, odd.start())
        raise _refusal(path, (line, column), f"the character {odd[0]!a} is not text")
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            why = f"the alias '*{event.anchor}' is not read: write it out"
        elif getattr(event, "tag", None) is not None:
            why = "a tag (a word after '!') is not read: leave it out"
        elif isinstance(event, yaml.CollectionStartEvent) and depth == MAX_DEPTH:
            why = TOO_DEEP
        else:
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            continue
        raise _refusal(path, start(event), why)


def _refusal(path: Path, place: tuple[int, int], why: str) -> LabError:
    line, column = place
    return LabError(f"{path}:{line}:{column}: {why}", help=f"correct {path.name} there")


def _not_yaml(path: Path, text: str, error: yaml.MarkedYAMLError) -> LabError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    here = lines[line - 1] if line <= len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())] or here[column - 1 : column] == "\t":
        return LabError(
            f"{path}:{line}:{column}: found a tab, expected spaces",
            help="YAML indents with spaces; let your editor replace the tabs",
        )
    if isinstance(error, ConstructorError):
        return _refusal(path, (line, column), str(error.problem))
    if TOO_DEEP_FOR_LIBYAML in str(error.problem):  # it reads ahead of the events it has given
        return _refusal(path, (line, column), TOO_DEEP)
    context = f", {error.context}" if error.context else ""
    if error.context_mark and error.context_mark.line + 1 != line:
        context += f" from line {error.context_mark.line + 1}"
    return _refusal(path, (line, column), f"not valid YAML: {error.problem}{context}")


class _Constructor(SafeConstructor):
    """Builds plain values, and refuses a key that is given twice or is not text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[str, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                msg = f"the key {quote(key)} is not text: put it in quotes"
                raise ConstructorError(None, None, msg, key_node.start_mark)
            if key in seen:
                msg = f"the key {quote(key)} is given twice, first in line {seen[key]}"
                raise ConstructorError(None, None, msg, key_node.start_mark)
            seen[key] = key_node.start_mark.line + 1
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node.tag in _NUMBERS and len(node.value) > MAX_NUMBER:
            msg = f"{quote(node.value)} is too long for a number: put it in quotes"
            raise ConstructorError(None, None, msg, node.start_mark)
        try:
            return super().construct_object(node, deep)
        except ValueError:  # 2024-13-45 looks like a date, 0b_ like a number
            msg = f"{quote(node.value)} is no valid number or date: put it in quotes"
            raise ConstructorError(None, None, msg, node.start_mark) from None


def follow(root: yaml.Node, loc: Loc) -> Found:
    """Return the key and value that ``loc`` leads to, or the last ones on the way."""
    key = value = root
    for depth, step in enumerate(loc):
        pair = child(value, step)
        if pair is None:
            return Found(key, value, depth)
        key, value = pair
    return Found(key, value, len(loc))


def child(node: yaml.Node, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """Return the key and value one step below ``node``."""
    if isinstance(node, yaml.MappingNode):
        return next((pair for pair in node.value if pair[0].value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def start(of: Any) -> tuple[int, int]:
    """Return line and column, from 1, where a node or an event begins."""
    return of.start_mark.line + 1, of.start_mark.column + 1


def quote(value: object) -> str:
    """Return ``value`` as a message shows it: quoted, printable, short."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    text = ascii(value) if not repr(value).isprintable() else repr(value)
    return text if len(text) <= MAX_QUOTED else f"{text[: MAX_QUOTED - 1]}…"
