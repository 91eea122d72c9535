"""Python source as a tree, from any thread."""

import ast
import threading
import warnings

# CPython 3.11 counts how deep a tree is nested in one place for all threads: two that parse at the
# same time end in a SystemError (python/cpython#106905). The filter of warnings is shared as well.
_ONE_AT_A_TIME = threading.Lock()


def tree_of(body: bytes | str, filename: str = "<unknown>") -> ast.Module:
    """Return the syntax tree of a file, as `ast.parse` does, and without its warnings.

    Raises `SyntaxError`, `ValueError` (a NUL byte), `RecursionError` or `MemoryError` where the
    source has none.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(body, filename=filename)
