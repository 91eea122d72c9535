"""A README in Markdown, as text for a terminal."""

import re

LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
EMPHASIS = re.compile(r"(?<![\w*])[*_](?=[^\s*_])([^*_\n]+?)(?<=[^\s*_])[*_](?![\w*])")
CODE = re.compile(r"`([^`]+)`")
HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
RULE = re.compile(r"\|?\s*:?-{2,}")
UNDER = {1: "=", 2: "-"}


def readme_text(markdown: str) -> str:
    """Return headings underlined, tables in columns, and the marks of emphasis taken away.

    Code, fenced or indented, stays as it is.
    """
    lines: list[str] = []
    table: list[list[str]] = []
    fenced = False
    for line in markdown.splitlines():
        if not fenced and line.lstrip().startswith("|"):
            if not RULE.match(line.strip()):
                table.append(_cells(line))
            continue
        lines += _aligned(table)
        table = []
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            lines.append(line)
        else:
            lines += _plain(line)
    return "\n".join([*lines, *_aligned(table)]).strip("\n") + "\n"


def _plain(line: str) -> list[str]:
    if heading := HEADING.match(line):
        text, depth = _inline(heading[2]), len(heading[1])
        return [text, UNDER[depth] * len(text)] if depth in UNDER else [text]
    return [_inline(line)]


def _inline(text: str) -> str:
    """Return text without marks; what stands in backticks is not looked at."""
    parts = CODE.split(text)
    for at in range(0, len(parts), 2):
        part = LINK.sub(r"\1 (\2)", parts[at])
        parts[at] = EMPHASIS.sub(r"\1", STRONG.sub(r"\2", part))
    return "".join(parts)


def _cells(line: str) -> list[str]:
    return [_inline(cell.strip()) for cell in line.strip().strip("|").split("|")]


def _aligned(rows: list[list[str]]) -> list[str]:
    if not rows:
        return []
    columns = max(map(len, rows))
    rows = [row + [""] * (columns - len(row)) for row in rows]
    widths = [max(len(row[at]) for row in rows) for at in range(columns - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        .rstrip()
        .join(["  ", ""])
        for row in rows
    ]
