"""Further runs on the process sandbox: the same code that talks to containers."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from labrun.app.bench import Bench, judge, set_up
from labrun.app.gather import gather
from labrun.app.progress import Silence
from labrun.app.settings import Settings
from labrun.domain.evidence import Evidence
from labrun.domain.grade import Grade, Outcome
from labrun.domain.submission import Submission

BUILD = """
import csv, random

def prepare(raw, public, private):
    draw = random.Random(3)
    def write(path, names, rows):
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([names, *rows])
    def rows(n):
        return [(x := round(draw.uniform(-1, 1), 3), int(x > 0)) for _ in range(n)]
    write(public / "train.csv", ["x", "y"], rows(60))
    hidden = rows(90)
    write(private / "features.csv", ["x"], [[x] for x, _ in hidden])
    write(private / "truth.csv", ["y"], [[y] for _, y in hidden])
"""
LAB: dict[str, Any] = {
    "schema": "labrun/v1",
    "slug": "x01-line",
    "version": "1.0.0",
    "title": "A line",
    "track": "core",
    "minutes": 5,
    "dataset": "line",
    "submission": {"require": ["solution.py"]},
    "phases": [
        {"name": "fit", "call": "solution:fit", "input": "train", "seeded": True},
        {"name": "predict", "call": "solution:predict", "input": "features"},
        {"name": "decide", "call": "solution:decide", "input": "predict"},
    ],
    "grading": {"seeds": 2},
    "checks": [
        {"id": "rows", "type": "row-invariance", "phase": "decide", "points": 1},
        {
            "id": "shuffled",
            "type": "label-shuffle",
            "label": "y",
            "metric": "accuracy",
            "phase": "decide",
            "no_better_than": 0.85,
        },
        {
            "id": "acc",
            "type": "threshold",
            "metric": "accuracy",
            "phase": "decide",
            "decision": {"rule": "point", "at": 0.9},
        },
    ],
}
HONEST = """
import numpy as np

def fit(train, seed):
    print(f"seed {seed}")
    return {"x": train.x.to_numpy(), "y": train.y.to_numpy()}

def predict(model, features):
    far = np.abs(features.x.to_numpy()[:, None] - model["x"][None, :])
    return model["y"][far.argmin(axis=1)] - 0.5

def decide(model, scores):
    return (scores > 0).astype(int)
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    lab, data = tmp_path / "labs" / "x01-line", tmp_path / "datasets" / "line"
    for folder in (lab, data):
        folder.mkdir(parents=True)
    (lab / "lab.yaml").write_text(yaml.safe_dump(LAB))
    (data / "build.py").write_text(BUILD)
    (data / "raw.txt").write_text("")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    card = {"name": "line", "title": "A line", "source": "made", "licence": "CC0-1.0"}
    files = [{"name": "raw.txt", "sha256": empty}]
    (data / "dataset.yaml").write_text(
        yaml.safe_dump({**card, "redistribute": True, "files": files})
    )
    settings = Settings(
        home=tmp_path / "home",
        labs=tmp_path / "labs",
        datasets=tmp_path / "datasets",
        containers=tmp_path,
        learner="ada",
        sandbox="process",
    )
    return set_up(lab, split="hidden", settings=settings, progress=Silence())


def run(bench: Bench, code: str) -> tuple[Evidence, Grade]:
    submission = Submission(lab="x01-line", files={"solution.py": code.encode()})
    entered: list[str] = []
    evidence = gather(bench, submission, labels={}, progress=Silence(), enter=entered.append)
    assert set(entered) == {"fit", "predict", "decide", "rows", "shuffled", "seed-2"}
    return evidence, judge(bench, submission, evidence)


def test_variants_run_on_what_they_need_and_no_more(bench: Bench) -> None:
    evidence, grade = run(bench, HONEST)
    assert [each.finding.outcome for each in grade.results] == [Outcome.PASSED] * 3
    ran = {
        (each.check, each.name): [phase.phase for phase in each.phases]
        for each in evidence.variants
    }
    assert ran == {
        (None, "seed-2"): ["fit", "predict", "decide"],
        ("rows", "part"): ["predict", "decide"],
        ("rows", "single-1"): ["predict", "decide"],
        ("shuffled", "shuffled"): ["fit", "predict", "decide"],
    }
    single = evidence.variant("rows", "single-1")
    assert single
    assert [len(phase.order or ()) for phase in single.phases] == [1, 1]
    logs = [evidence.phases[0].log, *(v.phases[0].log for v in evidence.variants if not v.check)]
    assert len(set(logs)) == 2, "each seed is another one"
    estimate = grade.results[2].finding.estimate
    assert estimate
    assert len(estimate.seeds) == 2


def test_the_same_evidence_gives_the_same_grade_three_times(bench: Bench) -> None:
    evidence, grade = run(bench, HONEST)
    submission = Submission(lab="x01-line", files={"solution.py": HONEST.encode()})
    again = [judge(bench, submission, evidence).model_dump_json() for _ in range(2)]
    assert {*again} == {grade.model_dump_json()}


def test_answers_that_were_brought_along_survive_shuffled_labels_and_fail(bench: Bench) -> None:
    shipped = HONEST.replace('model["y"][far.argmin(axis=1)] - 0.5', "features.x.to_numpy()")
    _, grade = run(bench, shipped)
    shuffled = grade.result("shuffled")
    assert shuffled
    assert shuffled.finding.outcome is Outcome.FAILED
    assert "trained on shuffled labels, accuracy is 1" in shuffled.finding.rationale


def test_no_variant_runs_where_the_own_run_ended_badly(bench: Bench) -> None:
    submission = Submission(lab="x01-line", files={"solution.py": b"def fit(t, seed): 1 / 0"})
    evidence = gather(bench, submission, labels={}, progress=Silence(), enter=lambda _: None)
    assert evidence.variants == ()
    grade = judge(bench, submission, evidence)
    assert {each.finding.outcome for each in grade.results} == {Outcome.FAILED}


def test_what_runs_ahead_is_given_up_where_the_own_run_ends_badly(
    bench: Bench, tmp_path: Path
) -> None:
    """On shuffled labels fit takes its time; predict of the own run breaks meanwhile."""
    begun, ended = tmp_path / "begun", tmp_path / "ended"
    code = f"""
import pathlib, time
def fit(train, seed):
    if not (train.y == (train.x > 0)).all():
        pathlib.Path({str(begun)!r}).touch()
        time.sleep(20)
        pathlib.Path({str(ended)!r}).touch()
    else:
        while not pathlib.Path({str(begun)!r}).exists():
            time.sleep(0.02)
def predict(model, features): 1 / 0
def decide(model, scores): return scores
"""
    submission = Submission(lab="x01-line", files={"solution.py": code.encode()})
    evidence = gather(bench, submission, labels={}, progress=Silence(), enter=lambda _: None)
    assert evidence.phases[-1].phase == "predict"
    assert evidence.variants == ()
    assert begun.exists()
    assert not ended.exists()
