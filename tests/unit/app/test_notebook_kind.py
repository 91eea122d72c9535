"""Labs that ask for a notebook: run top to bottom, called by function, judged cell by cell."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.kind_lab import bench_of, seen, submission_of
from tests.unit.domain.test_notebook import notebook

from labrun.app.bench import judge
from labrun.app.unusable import unusable
from labrun.app.view import learners_view
from labrun.domain.evidence import Ending
from labrun.domain.grade import Outcome, Verdict
from labrun.sandbox import guests
from labrun.sandbox.guests import labrun_notebook

BUILD = """
def prepare(raw, public, private):
    (public / "train.csv").write_text("x,y\\n" + "".join(f"{i},{2 * i}\\n" for i in range(40)))
    (private / "features.csv").write_text("x\\n" + "".join(f"{i}\\n" for i in range(60)))
    (private / "truth.csv").write_text("y\\n" + "".join(f"{2 * i}\\n" for i in range(60)))
"""
CALLS = [
    {"name": "fit", "call": "a:fit", "input": "train"},
    {"name": "predict", "call": "a:predict", "input": "features"},
]
QUALITY: dict[str, Any] = {
    "id": "quality",
    "type": "threshold",
    "metric": "r2",
    "decision": {"rule": "point", "at": 0.9},
    "points": 1,
}
FIT = "def fit(train):\n    return float((train.y / train.x).iloc[1:].mean())\n"
PREDICT = "def predict(slope, features):\n    return slope * features.x.to_numpy()\n"
WHOLE = [
    "import pandas as pd\ntrain = pd.read_csv('data/train.csv')\ntrain.shape",
    "made = pd.read_csv('data/features.csv').assign(y=lambda table: 2 * table.x)",
    "made[['y']].to_csv('out/predictions.csv', index=False)",
]


def lab(phases: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    rules = {"kind": "notebook", "require": ["a.ipynb"], "allow": ["*.ipynb"]}
    return {"submission": rules, "phases": phases, "checks": [QUALITY], **more}


def test_functions_of_a_notebook_are_called_like_those_of_a_module(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, lab(CALLS), BUILD)
    submission = submission_of(a_ipynb=notebook("x = 1\nx", FIT, PREDICT))
    assert unusable(bench, submission) is None
    evidence = seen(bench, submission)
    assert judge(bench, submission, evidence).verdict is Verdict.PASSED
    assert "[a.ipynb cell 2]" in evidence.phases[0].log


def test_a_notebook_runs_from_top_to_bottom_with_its_folders_as_at_home(tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("work", "in", "out")}
    for each in folders.values():
        each.mkdir()
    for table, text in (("train", "x,y\n1,2\n"), ("features", "x\n3\n")):
        (folders["in"] / f"{table}.csv").write_text(text)
    bench = bench_of(tmp_path, lab(CALLS), BUILD)
    made = guests.runnable(bench.lab, submission_of(a_ipynb=notebook(*WHOLE)))
    for name, body in made.files.items():
        (folders["work"] / name).write_bytes(body)
    told = subprocess.run(
        [sys.executable, "a.py"],
        cwd=folders["work"],
        env={f"LABRUN_{name.upper()}": str(each) for name, each in folders.items()},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (folders["out"] / "predictions.csv").read_text() == "y\n6\n"
    assert told.stdout == "(1, 2)\n", "a cell shows what it ends with"
    assert [line for line in told.stderr.splitlines() if "cell" in line] == [
        "[a.ipynb cell 2]",
        "[a.ipynb cell 3]",
        "[a.ipynb cell 4]",
    ]


def test_what_a_cell_ends_with_is_cut_and_a_semicolon_hides_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names: dict[str, Any] = {}
    labrun_notebook.run_cell("a.ipynb cell 1", "x = 'y' * 9000\nx", names)
    assert capsys.readouterr().out == "'" + "y" * (labrun_notebook.SHOWN - 1) + "\n"
    labrun_notebook.run_cell("a.ipynb cell 2", "x;", names)
    labrun_notebook.run_cell("a.ipynb cell 3", "None", names)
    labrun_notebook.run_cell("a.ipynb cell 4", "", names)
    assert capsys.readouterr().out == ""


def test_an_error_names_its_cell_and_line(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, lab(CALLS), BUILD)
    submission = submission_of(a_ipynb=notebook("x = 1", "y = 2\nz = x / 0"))
    evidence = seen(bench, submission)
    phase = evidence.phases[0]
    assert phase.ending is Ending.CRASHED
    assert phase.error
    assert phase.error.where[-1] == "a.ipynb cell 3:2 in <module>"
    assert "z = x / 0" in phase.log
    assert "division by zero" in judge(bench, submission, evidence).results[0].finding.rationale


def test_of_hidden_rows_an_error_still_names_its_cell_and_nothing_else(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, lab(CALLS), BUILD)
    broken = "def predict(slope, features):\n    raise KeyError(features.x[0])\n"
    submission = submission_of(a_ipynb=notebook(FIT, broken))
    shown = learners_view(seen(bench, submission), submission.files).phases[1]
    assert shown.error
    assert shown.error.where == ("a.ipynb cell 3:2",)
    assert shown.log.startswith("(withheld")


def test_magics_and_syntax_are_said_before_anything_is_counted(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, lab(CALLS), BUILD)
    why = unusable(bench, submission_of(a_ipynb=notebook("%matplotlib inline")))
    assert why
    assert why.startswith("a.ipynb cell 2:1: '%matplotlib inline' is no Python; remove the line")


def test_a_guard_of_imports_reads_the_cells_too(tmp_path: Path) -> None:
    guard = {"id": "guard", "type": "imports", "allow": ["numpy"], "points": 1}
    bench = bench_of(tmp_path, lab(CALLS, checks=[QUALITY, guard]), BUILD)
    submission = submission_of(a_ipynb=notebook(FIT, PREDICT, "import pandas"))
    found = judge(bench, submission, seen(bench, submission)).result("guard")
    assert found
    assert found.finding.outcome is Outcome.FAILED
    assert found.finding.rationale.startswith("a.ipynb cell 4:1: imports 'pandas'")


@pytest.mark.parametrize("source", ["raise SystemExit(0)", "import os\nos._exit(0)"])
def test_leaving_early_is_no_success(tmp_path: Path, source: str) -> None:
    bench = bench_of(tmp_path, lab(CALLS), BUILD)
    submission = submission_of(a_ipynb=notebook(FIT, source, PREDICT))
    assert seen(bench, submission).phases[0].ending is Ending.CRASHED
