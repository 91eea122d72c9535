"""Read source that may not be Python: what parses becomes a tree, the rest plain words."""

import ast
import keyword
import re

from labrun.domain.syntax import tree_of
from labrun.similarity.flatten import NAME, NUMBER, TEXT, Segment, Token, flatten

# What can begin a statement of its own, at the left edge.
BEGINS = re.compile(r"(?!(?:else|elif|except|finally)\b)[A-Za-z_@]")
WORD = re.compile(
    r"(?P<space>[ \t\f]+|\\\n|\#[^\n]*)"
    r"|(?P<line>\n)"
    r"|(?P<text>[A-Za-z]{0,2}(?:\"\"\"|'''|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?))"
    r"|(?P<number>\.?\d[\w.]*)"
    r"|(?P<name>\w+)"
    r"|(?P<sign>[-+*/%&|^<>=!:]{1,3}|.)"
)


def segments(text: str) -> list[Segment]:
    """Return the normalised tokens of Python source, with lines counted from 1.

    Where it does not parse, every statement at the left edge is tried by itself, and only what is
    left over is read as words; nothing is ever run.
    """
    tree = parsed(text)
    if tree is not None:
        return flatten(tree)
    body: list[ast.stmt] = []
    broken: list[Segment] = []
    for first, chunk in _chunks(text):
        part = parsed(chunk)
        if part is None:
            broken.append(_words(chunk, first))
        else:
            body += ast.increment_lineno(part, first - 1).body
    return [*flatten(ast.Module(body=body, type_ignores=[])), *filter(None, broken)]


def parsed(text: str) -> ast.Module | None:
    """Return the tree of Python source, None where there is none."""
    try:
        return tree_of(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _chunks(text: str) -> list[tuple[int, str]]:
    """Return the statements at the left edge, each with the number of its first line."""
    chunks: list[tuple[int, list[str]]] = []
    decorated = False
    for number, line in enumerate(text.split("\n"), 1):
        if not chunks or (BEGINS.match(line) and not decorated):
            chunks.append((number, [line]))
        else:
            chunks[-1][1].append(line)
        decorated = line.startswith("@") or (decorated and not BEGINS.match(line))
    return [(number, "\n".join(lines) + "\n") for number, lines in chunks]


def _words(text: str, first: int) -> Segment:
    found = []
    line = first
    for match in WORD.finditer(text):
        kind, word = match.lastgroup, match[0]
        if kind == "text":
            found.append(Token(TEXT, line))
        elif kind == "number":
            found.append(Token(NUMBER, line))
        elif kind == "name":
            found.append(Token(word if keyword.iskeyword(word) else NAME, line))
        elif kind == "sign":
            found.append(Token(word, line))
        line += word.count("\n")
    return tuple(found)
