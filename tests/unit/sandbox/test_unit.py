"""Hidden tests against the process sandbox: the same code that talks to containers."""

from pathlib import Path

import pytest

from labrun.domain.evidence import UnitEnding, UnitRun
from labrun.domain.lab import Limits
from labrun.sandbox.base import SANDBOXES
from labrun.sandbox.unit import UnitJob, imported, run_units

TESTS = """
import numpy as np
import pytest

@pytest.mark.points(3, hint="add must add")
def test_add(solution, rng):
    a, b = rng.normal(size=4), rng.normal(size=4)
    np.testing.assert_allclose(solution.add(a, b), a + b)

@pytest.mark.points(2)
def test_negative_is_refused(solution):
    with pytest.raises(ValueError, match="negative"):
        solution.root(-1)

def test_objects_keep_their_state(solution):
    counter = solution.Counter(5)
    counter.up()
    assert counter.value == 6

def test_callbacks_run_here(solution):
    calls = []
    assert solution.apply(lambda x: calls.append(x) or 2 * x, 4) == 8
    assert calls == [4]

def test_tables_can_be_read(table, solution):
    assert solution.total(table("train")) == 6

@pytest.mark.limits(timeout=1)
def test_other_modules(module):
    assert module("other").answer() == 42
"""
GOOD = """
def add(a, b): return a + b
class Refused(ValueError): pass
def root(x):
    if x < 0: raise Refused("negative")
class Counter:
    def __init__(self, value): self.value = value
    def up(self): self.value += 1
def apply(f, x): return f(x)
def total(table): return int(table.a.sum())
"""
OTHER = "def answer(): return 42"


def run(
    tmp_path: Path,
    code: str,
    tests: str = TESTS,
    other: str = OTHER,
    model: bytes | None = None,
) -> UnitRun:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "test_it.py").write_text(tests)
    (tmp_path / "train.csv").write_text("a\n1\n2\n3\n")
    job = UnitJob(
        check="functions",
        tests=hidden / "test_it.py",
        files={"solution.py": code.encode(), "other.py": other.encode()},
        tables={"train": tmp_path / "train.csv"},
        limits=Limits(wall_seconds=5, memory_mb=256),
        labels={},
        seed=5,
        model=model,
    )
    return run_units(job, SANDBOXES["process"](), progress=lambda _done, _total: None)


def endings(found: UnitRun) -> dict[str, UnitEnding]:
    return {result.test: result.ending for result in found.results}


def test_a_right_solution_passes_every_test(tmp_path: Path) -> None:
    found = run(tmp_path, GOOD)
    assert found.complete, found.log
    assert set(endings(found).values()) == {UnitEnding.PASSED}
    assert found.results[0].points == 3
    assert found.results[0].hint == "add must add"


@pytest.mark.parametrize(
    ("change", "test", "ending"),
    [
        (("return a + b", "return a - b"), "test_add", UnitEnding.WRONG),
        (("return a + b", "raise KeyError('k')"), "test_add", UnitEnding.RAISED),
        (("return a + b", "import os; os._exit(0)"), "test_add", UnitEnding.DIED),
        (("return a + b", "return None"), "test_add", UnitEnding.WRONG),
        (("return a + b", "raise SystemExit"), "test_add", UnitEnding.RAISED),
        (("return f(x)", "return type('A', (), {'__eq__': lambda s, o: True})()"),
         "test_callbacks_run_here", UnitEnding.WRONG),
        (("return f(x)", "return 8"), "test_callbacks_run_here", UnitEnding.WRONG),
    ],
)  # fmt: skip
def test_each_failure_has_its_ending_and_spares_the_other_tests(
    tmp_path: Path, change: tuple[str, str], test: str, ending: UnitEnding
) -> None:
    found = run(tmp_path, GOOD.replace(*change))
    assert found.complete, found.log
    assert endings(found)[test] is ending
    others = {name: each for name, each in endings(found).items() if name != test}
    assert set(others.values()) == {UnitEnding.PASSED}


def test_a_test_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    found = run(tmp_path, GOOD, other="def answer():\n while True: pass")
    assert endings(found)["test_other_modules"] is UnitEnding.TIMED_OUT
    assert found.complete


def test_exiting_at_import_scores_nothing(tmp_path: Path) -> None:
    found = run(tmp_path, "import os\nos._exit(0)")
    assert UnitEnding.PASSED not in set(endings(found).values()) - {
        endings(found)["test_other_modules"]
    }


def test_a_test_file_that_cannot_be_read_is_the_labs_fault(tmp_path: Path) -> None:
    found = run(tmp_path, GOOD, tests="import nothing_of_the_kind\n")
    assert not found.complete
    assert "nothing_of_the_kind" in found.log


def test_a_test_that_fails_before_it_asks_is_the_labs_fault(tmp_path: Path) -> None:
    found = run(tmp_path, GOOD, tests="def test_broken(solution):\n    assert 1 == 2\n")
    assert endings(found) == {"test_broken": UnitEnding.LAB_ERROR}


def test_learner_files_do_not_steer_the_tests(tmp_path: Path) -> None:
    found = run(tmp_path, GOOD, other=OTHER + "\nimport sys\nsys.modules['pytest'] = None")
    assert found.complete
    assert set(endings(found).values()) == {UnitEnding.PASSED}


def test_imports_are_read_from_the_source_without_running_it() -> None:
    files = {
        "solution.py": b"import numpy as np\nfrom sklearn.linear_model import Ridge\nimport other",
        "other.py": b"def broken(:",
        "data.txt": b"import nothing",
    }
    assert imported(files) == ["numpy", "sklearn.linear_model"]


FITTED_TESTS = """
import pytest

def test_the_fitted_model_answers(solution, fitted):
    assert solution.times(fitted, 7) == 21

def test_it_is_opaque_here(solution, fitted):
    with pytest.raises(AttributeError):
        fitted.factor

def test_it_stands_first_or_nowhere(solution, fitted):
    with pytest.raises(TypeError, match="first argument"):
        solution.times(7, fitted)
    assert solution.times(fitted, 1) == 3
"""
FITTED = """
class Model:
    def __init__(self, factor): self.factor = factor
def times(model, x): return model.factor * x
"""


def test_a_test_can_use_the_model_that_fit_made(tmp_path: Path) -> None:
    model = b"csolution\nModel\n(I3\ntR."  # what pickle makes of Model(3): opened in the box alone
    found = run(tmp_path, FITTED, FITTED_TESTS, model=model)
    assert set(endings(found).values()) == {UnitEnding.PASSED}


def test_a_test_that_wants_a_model_where_none_was_made_does_not_pass(tmp_path: Path) -> None:
    found = run(tmp_path, FITTED, FITTED_TESTS)
    assert set(endings(found).values()) == {UnitEnding.PROTOCOL}


def test_a_model_that_cannot_be_opened_is_the_learners(tmp_path: Path) -> None:
    found = run(tmp_path, FITTED, FITTED_TESTS, model=b"csolution\nGone\n(tR.")
    assert endings(found)["test_the_fitted_model_answers"] is UnitEnding.RAISED
