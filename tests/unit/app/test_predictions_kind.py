"""Labs that ask for predictions: what is read on the host, and what only in a sandbox."""

import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.unit.app.kind_lab import bench_of, seen, submission_of

from labrun.app.bench import judge
from labrun.app.unusable import unusable
from labrun.domain.evidence import Ending
from labrun.domain.grade import Verdict
from labrun.errors import LabError
from labrun.sandbox import guests
from labrun.sandbox.backends.process import ProcessSandbox

BUILD = """
def prepare(raw, public, private):
    rows = [(i * 7 % 50, i) for i in range(50)]
    (public / "questions.csv").write_text("id,x\\n" + "".join(f"{a},{b}\\n" for a, b in rows))
    (private / "truth.csv").write_text("y\\n" + "".join(f"{2 * b}\\n" for _, b in rows))
    (private / "features.csv").write_text("id\\n1\\n")
"""
PHASE: dict[str, Any] = {
    "name": "read",
    "read": "predictions.csv",
    "input": "questions",
    "id": "id",
    "columns": {"y": "number"},
}
QUALITY: dict[str, Any] = {
    "id": "quality",
    "type": "threshold",
    "metric": "r2",
    "decision": {"rule": "point", "at": 0.9},
    "points": 1,
}
RIGHT = pd.DataFrame({"id": [i * 7 % 50 for i in range(50)], "y": [2.0 * i for i in range(50)]})


def lab(phase: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    read = PHASE | (phase or {})
    rules = {"kind": "predictions", "require": [read["read"]], "allow": ["*.csv", "*.parquet"]}
    return {"submission": rules, "phases": [read], "checks": [QUALITY], **more}


def parquet(frame: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.to_parquet(file)
    return file.getvalue()


def test_a_table_in_any_order_of_rows_is_graded_and_no_sandbox_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(*_: object, **__: object) -> None:
        pytest.fail("a sandbox was started")

    monkeypatch.setattr(ProcessSandbox, "start", start)
    bench = bench_of(tmp_path, lab(), BUILD)
    submission = submission_of(predictions_csv=RIGHT.sort_values("id").to_csv(index=False).encode())
    assert unusable(bench, submission) is None
    evidence = seen(bench, submission)
    assert judge(bench, submission, evidence).verdict is Verdict.PASSED


def test_a_wrong_table_is_said_to_be_wrong_before_anything_is_counted(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, lab(), BUILD)
    submission = submission_of(predictions_csv=b"id,y\n1,2\n")
    why = "predictions.csv: lacks 49 of 50 ids, the first is '0'"
    assert unusable(bench, submission) == why
    phase = seen(bench, submission).phases[0]
    assert (phase.ending, phase.detail, phase.output) == (Ending.INVALID_OUTPUT, why, None)


def test_several_columns_are_a_row_of_numbers_for_each_question(tmp_path: Path) -> None:
    wide = RIGHT.assign(low=RIGHT.y - 1)
    phase = {"columns": {"low": "number", "y": "number"}}
    checks = [{"id": "form", "type": "schema", "columns": 2, "points": 1}]
    bench = bench_of(tmp_path, lab(phase, checks=checks), BUILD)
    submission = submission_of(predictions_csv=wide.to_csv(index=False).encode())
    assert judge(bench, submission, seen(bench, submission)).verdict is Verdict.PASSED


def test_parquet_is_opened_in_a_sandbox_and_held_to_the_same_rules(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, lab({"read": "predictions.parquet"}), BUILD)
    good = submission_of(predictions_parquet=parquet(RIGHT))
    assert judge(bench, good, seen(bench, good)).verdict is Verdict.PASSED
    short = submission_of(predictions_parquet=parquet(RIGHT.iloc[1:]))
    phase = seen(bench, short).phases[0]
    assert phase.ending is Ending.INVALID_OUTPUT
    assert phase.detail == "predictions.parquet: lacks 1 of 50 ids, the first is '0'"


def test_what_is_no_parquet_ends_its_phase_and_nothing_else(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, lab({"read": "predictions.parquet"}), BUILD)
    bad = submission_of(predictions_parquet=b"PAR1 and then nothing")
    assert unusable(bench, bad) is None, "the host does not look into it"
    phase = seen(bench, bad).phases[0]
    assert phase.ending is Ending.CRASHED
    assert "predictions.parquet cannot be read" in phase.error.message if phase.error else False


def test_an_image_that_cannot_open_the_file_is_the_lab_s_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = bench_of(tmp_path, lab({"read": "predictions.parquet"}), BUILD)
    broken = b"def ready():\n    raise ImportError('no pyarrow')\n"
    monkeypatch.setattr(guests, "files_for", lambda _: {"labrun_open_table.py": broken})
    with pytest.raises(LabError, match=r"cannot open predictions.parquet: no pyarrow"):
        seen(bench, submission_of(predictions_parquet=parquet(RIGHT)))


def test_a_learner_s_file_of_the_same_name_does_not_stand_in_for_ours(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, lab({"read": "predictions.parquet"}), BUILD)
    forged = b"import pandas\ndef ready(): return True\ndef table(_): return 1 / 0\n"
    both = submission_of(labrun_open_table_py=forged, predictions_parquet=parquet(RIGHT))
    assert seen(bench, both).phases[0].ending is Ending.DONE


def test_questions_that_learners_do_not_have_are_a_fault_of_the_lab(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, lab({"input": "features"}), BUILD)
    with pytest.raises(LabError, match="cannot predict the private table 'features'"):
        unusable(bench, submission_of(predictions_csv=b"id,y\n1,2\n"))


def test_ids_that_are_no_ids_are_a_fault_of_the_lab(tmp_path: Path) -> None:
    build = BUILD.replace("i * 7 % 50", "1")
    with pytest.raises(LabError, match="column 'id' of 'questions' is no id"):
        unusable(bench_of(tmp_path, lab(), build), submission_of(predictions_csv=b"id,y\n1,2\n"))
    with pytest.raises(LabError, match="has no column 'key'"):
        unusable(
            bench_of(tmp_path, lab({"id": "key"}), BUILD),
            submission_of(predictions_csv=b"key,y\n1,2\n"),
        )


def test_a_probe_that_would_run_predictions_again_is_refused(tmp_path: Path) -> None:
    probe = {"id": "again", "type": "determinism", "points": 1}
    with pytest.raises(LabError, match="predictions are not run"):
        bench_of(tmp_path, lab(checks=[QUALITY, probe]), BUILD)
