"""Does the submission import only what the lab allows? Its source is read, never run."""

import ast
import sys
from collections.abc import Iterator

from pydantic import Field

from labrun.domain.grade import Finding, Outcome
from labrun.domain.notebook import is_cell
from labrun.grading.check import Case, check, failed
from labrun.grading.options import Options
from labrun.grading.source import Problem, parse

# Ways round an import statement; a lab that guards its imports has no use for any of them.
ROUNDABOUT = frozenset({"__import__", "exec", "eval", "compile", "__builtins__", "__loader__"})
ROUNDABOUT_MODULES = frozenset(
    {"importlib", "runpy", "pkgutil", "imp", "sys", "ctypes", "subprocess", "os", "builtins"}
)
ROUNDABOUT_ATTRIBUTES = frozenset(
    {
        "__globals__",
        "__builtins__",
        "__subclasses__",
        "__import__",
        "__loader__",
        "sys",
        "importlib",
    }
)


class ImportsOptions(Options):
    """The top-level modules a submission may import; of the standard library too."""

    allow: tuple[str, ...] = Field(min_length=1)


@check("imports", ImportsOptions)
def imports(options: ImportsOptions, case: Case) -> Finding:
    """Pass when no file reaches for a module that is not allowed."""
    own = {path.partition("/")[0].removesuffix(".py") for path in case.files if not is_cell(path)}
    own = {name for name in own if name not in sys.stdlib_module_names}
    allowed = {*options.allow, *own, "__future__", "typing"}
    if not case.files:
        return failed("there is no source to look at")
    for path in sorted(case.files):
        if not (path.endswith(".py") or is_cell(path)):
            continue
        tree = parse(path, case.files[path])
        if isinstance(tree, Problem):
            return failed(str(tree))
        for line, what in _reaches(tree, allowed):
            return failed(f"{path}:{line}: {what}", help=f"allowed: {', '.join(options.allow)}")
    return Finding(outcome=Outcome.PASSED, rationale="imports only what is allowed", share=1)


def _reaches(tree: ast.Module, allowed: set[str]) -> Iterator[tuple[int, str]]:
    roundabout = ROUNDABOUT_MODULES - allowed
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for name in _imported(node):
            top = name.partition(".")[0]
            if top not in allowed or top in roundabout:
                yield line, f"imports {name!r}, which this lab does not allow"
        if isinstance(node, ast.Name) and node.id in ROUNDABOUT:
            yield line, f"uses {node.id!r}, which could import anything"
        if isinstance(node, ast.Attribute) and node.attr in ROUNDABOUT_ATTRIBUTES:
            yield line, f"uses {node.attr!r}, which could reach anything"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module] if node.module and not node.level else []
    return []
