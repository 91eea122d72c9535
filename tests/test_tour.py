"""docs/tour.md names what is really there, in an order that can be read."""

import ast
import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
TOUR = ROOT / "docs" / "tour.md"
STEPS = 6
HEADING = re.compile(r"^## (\d)\. `([^`]+)`$", re.MULTILINE)
FUNCTION = re.compile(r"`([A-Za-z_]\w*)\(\)`")
CLASS = re.compile(r"`(_?[A-Z][a-z]\w*)`")
FILE = re.compile(r"`(runner/[\w/]+(?:\.py|/))`")


class Step(NamedTuple):
    number: int
    path: str
    text: str


def steps() -> list[Step]:
    text = TOUR.read_text(encoding="utf-8").partition("\n## Beside the road")[0]
    _, *parts = HEADING.split(text)
    return [
        Step(int(number), path, body)
        for number, path, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]


def defined(path: Path) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def imported(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def module_of(path: str) -> str:
    return path.removeprefix("runner/").removesuffix(".py").replace("/", ".")


def test_the_tour_has_six_files_in_order() -> None:
    assert [step.number for step in steps()] == list(range(1, STEPS + 1))


@pytest.mark.parametrize("path", sorted(set(FILE.findall(TOUR.read_text(encoding="utf-8")))))
def test_each_file_of_the_tour_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.path)
def test_each_file_defines_what_the_tour_looks_for_in_it(step: Step) -> None:
    own = ROOT / step.path
    others = [ROOT / path for path in FILE.findall(step.text) if path.endswith(".py")]
    there = set().union(*(defined(path) for path in (own, *others)))
    functions = set(FUNCTION.findall(step.text))
    assert functions, "a step names at least one function"
    assert functions <= there


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.path)
def test_each_class_of_the_tour_is_defined_or_used_there(step: Step) -> None:
    text = (ROOT / step.path).read_text(encoding="utf-8")
    for name in CLASS.findall(step.text):
        assert re.search(rf"\b{name}\b", text), name


def test_each_file_is_imported_by_one_before_it() -> None:
    found: set[str] = set()
    for before, after in pairwise(steps()):
        for path in (before.path, *FILE.findall(before.text)):
            if path.endswith(".py"):
                found |= imported(ROOT / path)
        assert module_of(after.path) in found, after.path
