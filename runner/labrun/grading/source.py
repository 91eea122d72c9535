"""Does the source of a submission parse at all? Read, never run."""

import ast
from collections.abc import Mapping

from labrun.domain.record import Record
from labrun.domain.syntax import tree_of


class Problem(Record):
    """Where a file stops being Python."""

    path: str
    line: int | None
    what: str

    def __str__(self) -> str:
        """Return it as compilers print it."""
        return f"{self.path}:{self.line}: {self.what}" if self.line else f"{self.path}: {self.what}"


def parse(path: str, body: bytes) -> ast.Module | Problem:
    """Return the syntax tree of one file, or why there is none."""
    try:
        return tree_of(body, path)
    except SyntaxError as error:
        return Problem(path=path, line=error.lineno, what=error.msg[:200])
    except (ValueError, RecursionError, MemoryError) as error:
        what = "contains a NUL byte" if isinstance(error, ValueError) else "is nested too deeply"
        return Problem(path=path, line=None, what=what)


def syntax_problems(files: Mapping[str, bytes]) -> tuple[Problem, ...]:
    """Return one problem for each Python file that does not parse."""
    trees = (parse(path, files[path]) for path in sorted(files) if path.endswith(".py"))
    return tuple(each for each in trees if isinstance(each, Problem))
