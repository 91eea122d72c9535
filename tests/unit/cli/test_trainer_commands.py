"""What a trainer types, on the process sandbox and without an engine."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.unit.cli.conftest import FAST_LABS, LAB, Labrun
from tests.unit.store.conftest import Make, ToldClock

from labrun.app.recording import Recorded
from labrun.app.settings import Settings
from labrun.cli import record_command
from labrun.domain.lab import Attempts
from labrun.errors import SandboxError
from labrun.sandbox import images, reaper
from labrun.store.ledger import Ledger


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def reap(_engine: str | None) -> list[object]:
        msg = "no Docker engine answers"
        raise SandboxError(msg)

    monkeypatch.setattr(reaper, "reap", reap)


def test_a_class_is_graded_a_row_a_learner_and_formulas_are_inert(
    labrun: Labrun, tmp_path: Path
) -> None:
    folder = tmp_path / "class"
    shutil.copytree(FAST_LABS / LAB / "solution", folder / "=cmd")
    shutil.copytree(FAST_LABS / LAB / "baseline", folder / "ben")
    (folder / "cleo").mkdir()
    told = labrun("grade", folder, "--lab", LAB, "-j", "2", "--csv", tmp_path / "grades.csv")
    assert told.code == 4  # cleo's could not be graded
    rows = (tmp_path / "grades.csv").read_text().splitlines()
    assert rows[0].startswith("learner,status,verdict,score")
    assert rows[1].startswith("'=cmd,graded,passed,100,")
    assert rows[2].startswith("ben,graded,failed,")
    assert "lacks solution.py" in rows[3]
    assert "[3/3] cleo" in told.err
    again = labrun("grade", folder / "ben", "--lab", LAB, "--json")
    (row,) = json.loads(again.out)
    assert row["earlier"] in (True, False)
    assert row["result"]["submission"]["learner"] == "ben"
    assert labrun("grade", folder / "ben", "--lab", LAB).out.startswith("learner,status")


@pytest.mark.usefixtures("no_engine")
def test_cleaning_keeps_every_grade_and_says_what_went(graded: Path, labrun: Labrun) -> None:
    stray = graded / "evidence" / "blobs" / "ab" / f"ab{'0' * 62}"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"x")
    os.utime(stray, (0, 0))
    told = labrun("clean")
    assert told.code == 0
    assert "evidence removed    1 files no grade refers to" in told.out
    assert "containers were not looked for: no Docker engine answers" in told.err
    assert (graded / "data").is_dir()
    freed = json.loads(labrun("clean", "--data", "--json").out)
    assert freed["datasets"] >= 1
    assert not list((graded / "data").iterdir())
    assert json.loads(labrun("history", "--json").out)[0]["score"] == 100


def test_containers_that_were_left_are_counted(
    labrun: Labrun, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = SimpleNamespace(phase="fit")
    monkeypatch.setattr(reaper, "reap", lambda _engine: [left, left])
    assert "containers removed  2" in labrun("clean").out


@pytest.mark.usefixtures("no_engine")
def test_data_that_cannot_be_removed_is_a_fault_of_the_disk(
    graded: Path, labrun: Labrun, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert graded.is_dir()

    def fail(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(shutil, "rmtree", fail)
    told = labrun("clean", "--data")
    assert told.code == 4
    assert "Permission denied" in told.err


def test_what_waits_is_recorded_and_then_nothing_does(graded: Path, labrun: Labrun) -> None:
    assert graded.is_dir()
    sent = json.loads(labrun("record", "--json").out)
    assert [each["error"] for each in sent] == [None]
    assert labrun("record").out == "nothing waits\n"


def test_what_cannot_be_recorded_is_said_with_exit_code_4(
    labrun: Labrun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pending(_settings: Settings) -> Iterator[Recorded]:
        yield Recorded(submission="a" * 20 + "abc123", error="MLflow is away")

    monkeypatch.setattr(record_command, "record_pending", pending)
    told = labrun("record")
    assert (told.code, told.out) == (4, "abc123  not recorded: MLflow is away\n")


def test_the_ui_is_mlflow_on_our_own_store(
    labrun: Labrun, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []

    def start(command: list[str], *, check: bool) -> subprocess.CompletedProcess[str]:
        assert check is False
        started.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", start)
    told = labrun("ui", "--port", "5001")
    assert told.code == 0
    assert "http://127.0.0.1:5001" in told.err
    assert str(home / "mlflow.db") in " ".join(started[0])


def test_images_are_listed_in_megabytes(labrun: Labrun, monkeypatch: pytest.MonkeyPatch) -> None:
    image = images.ImageInfo.model_construct(
        name="cpu",
        tag="labrun/cpu:1",
        digest="sha256:" + "a" * 64,
        size=364_000_000,
        created="2026-11-23T10:00:00Z",
        lock="",
        shim="",
    )
    monkeypatch.setattr(images, "list_images", lambda **_engine: [image])
    told = labrun("image", "list")
    assert "cpu    sha256:aaaaaaaaaaaa  364 MB  2026-11-23T10:00" in told.out
    assert json.loads(labrun("image", "list", "--json").out)[0]["name"] == "cpu"


def test_every_image_is_built_unless_some_are_named(
    labrun: Labrun, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []

    def build(name: str, **more: object) -> None:
        assert more.keys() == {"containers", "cache", "engine", "say"}
        built.append(name)

    monkeypatch.setattr(images, "build", build)
    assert labrun("image", "build").code == 0
    assert {"cpu", "torch"} <= set(built)
    built.clear()
    assert labrun("image", "build", "cpu").code == 0
    assert built == ["cpu"]


def test_a_lab_is_validated_step_by_step(labrun: Labrun) -> None:
    told = labrun("lab", "validate", LAB)
    assert f"ok    {LAB}  solution: " in told.out, told.err
    assert f"ok    {LAB}  baseline: " in told.out
    assert told.code == (1 if "FAIL" in told.out else 0)


def test_a_broken_lab_is_a_failed_step_and_the_others_are_tried(
    labrun: Labrun, tmp_path: Path
) -> None:
    (tmp_path / "labs" / "x01-broken").mkdir(parents=True)
    (tmp_path / "labs" / "x01-broken" / "lab.yaml").write_text("schema: labrun/v1\n")
    told = labrun("lab", "validate", "--labs", tmp_path / "labs")
    assert told.code == 1
    assert told.out.startswith("FAIL  x01-broken  lab.yaml: ")


def test_no_lab_at_all_is_the_callers_mistake(labrun: Labrun, tmp_path: Path) -> None:
    (tmp_path / "labs").mkdir()
    told = labrun("lab", "validate", "--labs", tmp_path / "labs")
    assert told.code == 2
    assert "there is no lab in" in told.err


def test_submissions_that_were_cut_off_are_listed(labrun: Labrun, graded: Path) -> None:

    with Ledger.open(graded / "ledger.db", clock=lambda: datetime.now(UTC)) as ledger:
        ledger.submit(Make(ToldClock()).new(lab=LAB, learner="ben", content="7"), Attempts())
    told = labrun("status")
    assert "ben" in told.out
    assert "queued" in told.out
