from collections.abc import Callable
from typing import Any

import pytest

from labrun.domain.evidence import Evidence
from labrun.domain.grade import Finding, Outcome
from labrun.domain.lab import Lab
from labrun.grading.grader import Grader

Judge = Callable[..., Finding]


@pytest.fixture
def judge(lab: Callable[..., Lab], evidence: Callable[..., Evidence]) -> Judge:
    """Read a solution by one imports check that allows numpy and math; returns its finding."""

    def run(source: str, **others: str) -> Finding:
        grader = Grader(lab({"id": "imports", "type": "imports", "allow": ["numpy", "math"]}))
        files = {"solution.py": source} | {f"{name}.py": body for name, body in others.items()}
        made = {path: body.encode() for path, body in files.items() if body}
        return grader.grade(evidence(1), {}, files=made).results[0].finding

    return run


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np, math",
        "from numpy.linalg import svd",
        "from __future__ import annotations\nfrom typing import Any",
        "import tools",
        "from . import tools",
    ],
)
def test_what_is_allowed_and_ones_own_files_may_be_imported(judge: Judge, source: str) -> None:
    found = judge(source, tools="import math")
    assert (found.outcome, found.share) == (Outcome.PASSED, 1)


@pytest.mark.parametrize(
    "source",
    [
        "import sklearn",
        "def f():\n    from scipy import linalg",
        "import numpy, pandas",
        "__import__('scipy')",
        "import importlib",
        "import sys",
        "exec('import scipy')",
        "eval('1')",
        "import math\nmath.__loader__",
        "().__class__.__base__.__subclasses__()",
        "import numpy\nnumpy.sys.modules",
    ],
)
def test_other_modules_and_ways_round_are_refused(judge: Judge, source: str) -> None:
    found = judge(source)
    assert (found.outcome, found.share) == (Outcome.FAILED, 0)
    assert found.rationale.startswith("solution.py:")
    assert found.help == "allowed: numpy, math"


def test_a_file_beside_the_solution_is_read_too(judge: Judge) -> None:
    assert judge("import tools", tools="import scipy").rationale.startswith("tools.py:1:")


def test_a_file_named_like_the_standard_library_is_no_excuse(judge: Judge) -> None:
    assert judge("import os", os="").outcome is Outcome.FAILED
    assert judge("import os", os="x = 1").outcome is Outcome.FAILED


def test_a_file_that_does_not_parse_fails(judge: Judge) -> None:
    assert judge("import numpy\ndef f(:").rationale.startswith("solution.py:2:")


def test_no_source_is_no_pass(judge: Judge) -> None:
    assert judge("").outcome is Outcome.FAILED


def test_a_file_that_is_not_python_is_not_read(lab: Any, evidence: Any) -> None:
    grader = Grader(lab({"id": "imports", "type": "imports", "allow": ["numpy"]}))
    files = {"notes.md": b"import scipy", "solution.py": b"import numpy"}
    finding = grader.grade(evidence(1), {}, files=files).results[0].finding
    assert finding.outcome is Outcome.PASSED
