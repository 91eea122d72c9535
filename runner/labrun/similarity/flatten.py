"""Turn Python's syntax tree into tokens that survive renaming, formatting and reordering."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

NAME, NUMBER, TEXT, NOTHING = "name", "number", "text", "nothing"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
SAY_NOTHING = (
    ast.Import,
    ast.ImportFrom,
    ast.Pass,
    ast.Global,
    ast.Nonlocal,
    ast.arguments,
    ast.expr_context,
)
# Hints, and what a renaming changes; `name` holds the names of functions, classes and captures.
NOT_CODE = frozenset(
    {"annotation", "returns", "type_comment", "type_params", "decorator_list", "name", "rest"}
)

DEEP = 6  # dots in a path; a longer one is somebody's joke


class Token(NamedTuple):
    """A normalised token and the line it stands on, counted from 1."""

    text: str
    line: int


Segment = tuple[Token, ...]


def flatten(tree: ast.AST) -> list[Segment]:
    """Return the tokens of each function, each class body and the rest, as separate segments.

    Nothing in a segment says where it stood among the others. A name is `name` whoever chose it,
    since a copy may give a library's function another name too, and with dots (`np.mean`) or
    without. A run of literals is one token. Imports, docstrings, hints, decorators and statements
    without effect are dropped; keyword arguments are sorted.
    """
    done: list[list[Token]] = []
    waiting = [_Step(tree, [], 1)]
    done.append(waiting[0].into)
    while waiting:  # a stack of its own: hostile code nests deeper than Python recurses
        step = waiting.pop()
        if isinstance(step.node, str):
            step.into.append(Token(step.node, step.line))
            continue
        into = step.into
        if isinstance(step.node, FUNCTIONS):
            into = []
            done.append(into)
        line = getattr(step.node, "lineno", step.line)
        steps = [_Step(part, into, line) for part in _parts(step.node)]
        waiting.extend(reversed(steps))
    return [tuple(each) for each in done if each]


@dataclass(slots=True)
class _Step:
    node: ast.AST | str
    into: list[Token] = field(repr=False)
    line: int


def _parts(node: ast.AST) -> Iterator[ast.AST | str]:
    """Yield what stands for a node: its own token, then the nodes below it."""
    leaf = _leaf(node)
    if leaf is not None:
        yield leaf
    elif isinstance(node, ast.Attribute):
        yield from (node.value, ".")
    elif isinstance(node, ast.Call):
        yield from ("call", node.func)
        yield from _once(node.args)
        for keyword in sorted(node.keywords, key=lambda each: each.arg or ""):
            yield from ("=", keyword.value)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from ("Assign", node.target, node.value)
    elif not _is_silent(node):
        yield from _generic(node)


def _is_silent(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # a docstring, or dots
    return isinstance(node, (*SAY_NOTHING, ast.AnnAssign))


def _leaf(node: ast.AST) -> str | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        node = node.operand  # another number may have another sign
    if isinstance(node, ast.Constant):
        return _literal(node)
    return NAME if _is_path(node) else None


def _generic(node: ast.AST) -> Iterator[ast.AST | str]:
    if not isinstance(node, (*FUNCTIONS, ast.Module, ast.Expr)):
        yield type(node).__name__
    for name, value in ast.iter_fields(node):
        if name in NOT_CODE:
            continue
        if isinstance(value, list):
            yield from _once(value)
        elif isinstance(value, ast.AST):
            yield value


def _once(nodes: Sequence[Any]) -> Iterator[ast.AST]:
    """Yield the nodes, of each run of like literals only the first: data is not code."""
    last: str | None = None
    for node in nodes:
        kind = _literal(node) if isinstance(node, ast.Constant) else None
        if isinstance(node, ast.AST) and (kind is None or kind != last):
            yield node
        last = kind


def _literal(node: ast.Constant) -> str:
    if node.value is None or node.value is Ellipsis:
        return NOTHING
    return TEXT if isinstance(node.value, str | bytes) else NUMBER


def _is_path(node: ast.AST) -> bool:
    """Say whether an expression is a name, or names with dots between."""
    for _ in range(DEEP):
        node = node.value if isinstance(node, ast.Attribute) else node
    return isinstance(node, ast.Name)
