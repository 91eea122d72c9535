"""What hides no copy, and what is none: the transformations people try, on real solutions."""

import ast
import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labrun.similarity.compare import LITTLE, Document, compare
from labrun.similarity.fingerprints import every_gram, fingerprints

LABS = Path(__file__).parents[3] / "labs"
EVERY = sorted(path.parent.name for path in LABS.glob("*/solution"))
LONG = {
    "c01-houses",
    "c02-credit-cost",
    "c04-clustering",
    "f01-linear-algebra",
    "f02-honest-intervals",
    "p01-flight-delays",
}
HIGH = 0.8


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.py"))}


def solution(slug: str) -> str:
    return (LABS / slug / "solution" / "solution.py").read_text()


def score(one: dict[str, bytes], other: dict[str, bytes], *lab: Path) -> float:
    handed_out = {str(path): path.read_bytes() for each in lab for path in each.glob("*.py")}
    documents = [
        Document(learner=str(place), hashes=fingerprints(files).hashes)
        for place, files in enumerate((one, other))
    ]
    return float(compare(documents, known=every_gram(handed_out)).score[0])


def prints(slug: str) -> int:
    """Return how many fingerprints the solution of a lab has."""
    return len(fingerprints({"solution.py": solution(slug).encode()}).hashes)


SHORT = [slug for slug in EVERY if prints(slug) < LITTLE]
SLUGS = [slug for slug in EVERY if slug not in SHORT]


class Renamed(ast.NodeTransformer):
    """Another name for everything that the code itself names, drawn by a seed."""

    def __init__(self, tree: ast.Module, seed: int) -> None:
        names = {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        ordered = sorted(names)
        fresh = [f"other_{number}" for number in range(len(ordered))]
        Random(seed).shuffle(fresh)  # noqa: S311  (no secret)
        self.names = dict(zip(ordered, fresh, strict=True))

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg, node.annotation = self.names[node.arg], None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name, node.returns = self.names[node.name], None
        self.generic_visit(node)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if isinstance(node.value, str):
            return ast.Constant(f"{node.value}!")
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return ast.Constant(node.value * 3 + 1)
        return node


def reordered(tree: ast.Module, seed: int) -> ast.Module:
    """Return the tree with its functions, and the methods of its classes, in another order."""
    draw = Random(seed)  # noqa: S311  (no secret)
    nodes: list[ast.Module | ast.ClassDef] = [tree]
    nodes += [each for each in ast.walk(tree) if isinstance(each, ast.ClassDef)]
    for node in nodes:
        functions = [each for each in node.body if isinstance(each, ast.FunctionDef | ast.ClassDef)]
        draw.shuffle(functions)
        rest = [each for each in node.body if each not in functions]
        node.body = [*rest, *functions]
    return tree


@given(slug=st.sampled_from(SLUGS), seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_renaming_everything_and_reordering_functions_hides_nothing(slug: str, seed: int) -> None:
    original = solution(slug)
    tree = ast.parse(original)
    copy = ast.unparse(ast.fix_missing_locations(reordered(Renamed(tree, seed).visit(tree), seed)))
    assert copy != original
    lab = LABS / slug
    alike = score({"solution.py": original.encode()}, {"solution.py": copy.encode()})
    assert alike >= HIGH
    if slug in LONG:  # of the others too little is not the starter's
        handed_out = (lab / "starter", lab / "public")
        alike = score({"a.py": original.encode()}, {"a.py": copy.encode()}, *handed_out)
        assert alike >= HIGH


@given(slug=st.sampled_from(SLUGS), seed=st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_a_function_a_file_hides_nothing(slug: str, seed: int) -> None:
    tree = ast.parse(solution(slug))
    files: dict[str, list[ast.stmt]] = {}
    draw = Random(seed)  # noqa: S311  (no secret)
    for node in tree.body:
        place = draw.choice("abcd") if isinstance(node, ast.FunctionDef | ast.ClassDef) else "a"
        files.setdefault(f"{place}.py", []).append(node)
    split = {
        name: ast.unparse(ast.Module(body=body, type_ignores=[])).encode()
        for name, body in files.items()
    }
    assert score({"solution.py": solution(slug).encode()}, split) >= HIGH


@pytest.mark.parametrize("slug", SLUGS)
def test_comments_blank_lines_and_docstrings_hide_nothing(slug: str) -> None:
    original = solution(slug)
    padded = original.replace("\n    return ", "\n\n    # and so\n    return  ")
    assert score({"a.py": original.encode()}, {"a.py": padded.encode()}) >= HIGH


@pytest.mark.parametrize("slug", SLUGS)
def test_a_notebook_hides_nothing(slug: str) -> None:
    tree = ast.parse(solution(slug))
    cells = [{"cell_type": "code", "source": "%matplotlib inline\n!pip list"}]
    cells += [{"cell_type": "code", "source": ast.unparse(node)} for node in tree.body]
    notebook = json.dumps({"cells": cells}).encode()
    assert score({"a.py": solution(slug).encode()}, {"a.ipynb": notebook}) >= HIGH


@pytest.mark.parametrize("slug", SLUGS)
def test_an_error_put_in_hides_nothing_but_its_own_statement(slug: str) -> None:
    broken = f"{solution(slug)}\n\ndef broken(:\n    retrun 1\n"
    assert score({"a.py": solution(slug).encode()}, {"a.py": broken.encode()}) >= HIGH


@pytest.mark.parametrize("slug", SLUGS)
def test_much_code_of_ones_own_around_a_copy_hides_nothing(slug: str) -> None:
    padding = "\n\n".join(
        path.read_text().replace("from __future__ import annotations", "")
        for path in sorted(LABS.glob("*/hidden/*.py"))
        if slug not in path.parts
    )
    copy = {"a.py": solution(slug).encode(), "b.py": padding.encode()}
    assert score({"a.py": solution(slug).encode()}, copy) >= HIGH


@pytest.mark.parametrize("slug", SHORT)
def test_code_of_few_lines_is_alike_by_chance_and_accuses_nobody(slug: str) -> None:
    code = {"a.py": solution(slug).encode()}
    assert score(code, code) == prints(slug) / LITTLE < HIGH


def everybody() -> list[tuple[str, str, dict[str, bytes]]]:
    return [
        (slug, folder.name, files_of(folder))
        for slug in EVERY
        for folder in sorted(
            [
                LABS / slug / "solution",
                LABS / slug / "baseline",
                *(LABS / slug / "cheats").iterdir(),
            ]
        )
        if folder.is_dir()
    ]


def test_what_was_written_for_different_labs_is_not_alike() -> None:
    found = everybody()
    documents = [
        Document(f"{slug} {name}", fingerprints(files).hashes) for slug, name, files in found
    ]
    handed_out = {
        str(path): path.read_bytes()
        for folder in ("starter", "public")
        for path in LABS.glob(f"*/{folder}/*.py")
    }
    scores = compare(documents, known=every_gram(handed_out))
    labs = np.array([slug for slug, _, _ in found])
    honest = np.array([name in ("solution", "baseline") for _, name, _ in found])
    other = labs[scores.left] != labs[scores.right]
    assert scores.score[other & honest[scores.left] & honest[scores.right]].max() < HIGH / 4
    # A cheat of one lab may be written after that of another, and then it is alike.
    assert np.quantile(scores.score[other], 0.99) < HIGH / 4
    assert scores.score[other].max() < HIGH


@pytest.mark.parametrize("slug", sorted(LONG))
def test_a_baseline_is_no_copy_of_the_solution(slug: str) -> None:
    lab = LABS / slug
    solved, weak = files_of(lab / "solution"), files_of(lab / "baseline")
    assert score(solved, weak, lab / "starter", lab / "public") < HIGH / 2


def test_independent_solutions_of_one_lab_score_clearly_lower_than_a_copy(
    ada: bytes, copy: bytes, ben: bytes
) -> None:
    lab = LABS / "c02-credit-cost"
    handed_out = (lab / "starter", lab / "public")
    others = [{"a.py": ben}, files_of(lab / "solution")]
    copied = score({"a.py": ada}, {"a.py": copy}, *handed_out)
    assert copied >= HIGH
    independent = [score({"a.py": ada}, other, *handed_out) for other in others]
    independent.append(score(others[0], others[1], *handed_out))
    assert max(independent) < HIGH / 3
