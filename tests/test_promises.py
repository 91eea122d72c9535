"""Every row of the table of promises in docs/security.md names what shows it, and that is there."""

import re
from functools import cache
from pathlib import Path

import pytest
from tests.unit.sandbox.test_walls import LIMITS, SEEN

from labrun.sandbox.walls import judged

ROOT = Path(__file__).parents[1]
HEAD = "| promise | how | against | what it does not cover | shown by |"
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in TEXT.partition(HEAD)[2].partition("\n\n")[0].splitlines()[2:]
]
CASES = {path.parent.name for path in (ROOT / "tests" / "attacks").glob("*/expect.yaml")}
ENDINGS = {"out-of-memory", "timed-out", "killed at once"}  # walls that a whole container tries


@cache
def functions() -> set[str]:
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {
        name for source in sources for name in re.findall(r"^def (test_\w+)", source, re.MULTILINE)
    }


def walls() -> set[str]:
    return {wall.name for wall in judged(SEEN, LIMITS)} | ENDINGS


def is_there(named: str) -> bool:
    """Return whether a test, a case of the corpus or a file that a row names exists."""
    if named.startswith("test_"):
        return named in functions()
    if "/" in named:
        return (ROOT / named).exists()
    if named.endswith("…"):
        return any(case.startswith(named[:-1]) for case in CASES)
    return named in CASES


def proofs(cell: str) -> list[str]:
    """Return what a cell names in backticks, commands left out: those are for the reader to try."""
    return [each for each in re.findall(r"`([^`]+)`", cell) if not each.startswith("labrun ")]


def test_the_table_is_read() -> None:
    assert len(ROWS) > 15
    assert {len(row) for row in ROWS} == {5}
    assert all(all(row) for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_what_shows_a_promise_is_there(row: list[str]) -> None:
    named = proofs(row[-1])
    assert [each for each in named if not is_there(each)] == []
    quoted = re.findall(r'"([^"]+)"', row[-1])
    assert [each for each in quoted if not any(each in wall for wall in walls())] == []
    assert quoted or any(not each.startswith("docs/") for each in named)
