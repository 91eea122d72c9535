"""The command in this process, on a home of its own, with nothing but the tracker replaced."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import pytest

from labrun.app import recording
from labrun.app.recording import Recorded
from labrun.app.settings import Settings
from labrun.cli import grade_command, main, submit_command
from labrun.domain.result import Result
from labrun.tracker.null import NullTracker

ROOT = Path(__file__).parents[3]
FAST_LABS = ROOT / "tests" / "attacks" / "lab" / "labs"
LAB = "attack-call"
RUN_URL = "http://127.0.0.1:5000/#/experiments/1/runs/7"


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


Labrun = Callable[..., Said]


class FakeRecorder:
    """A recorder without MLflow: every grade has a run, or the error that was told."""

    error: str | None = None

    def __init__(self, settings: Settings) -> None:
        self.reports = settings.home / "reports"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End with the block, as the real one does."""

    def record(self, result: Result, _workspace: Path | None) -> Recorded:
        if self.error:
            return Recorded(submission=result.submission.id, error=self.error)
        report = str(self.reports / "report.html")
        return Recorded(submission=result.submission.id, run_url=RUN_URL, report=report)

    def record_all(self) -> list[Recorded]:
        return []


def run(capsys: pytest.CaptureFixture[str], argv: tuple[object, ...]) -> Said:
    """Run ``labrun`` with the words given, as the console script does."""
    before, sys.argv = sys.argv, ["labrun", *map(str, argv)]
    capsys.readouterr()
    try:
        with pytest.raises(SystemExit) as left:
            main.main()
    finally:
        sys.argv = before
    told = capsys.readouterr()
    return Said(int(left.value.code or 0), told.out, told.err)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that nobody else uses; every setting of the caller's is gone."""
    for name in ("MODE", "SANDBOX", "TRACKING_URI", "RUNTIME", "TRANSPORT", "DATASETS"):
        monkeypatch.delenv(f"LABRUN_{name}", raising=False)
    monkeypatch.setenv("LABRUN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LABRUN_LABS", str(FAST_LABS))
    monkeypatch.setenv("LABRUN_LEARNER", "ada")
    monkeypatch.setenv("LABRUN_SANDBOX", "process")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def labrun(
    home: Path,
    data_once: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Labrun]:
    """The command, with grades recorded nowhere, and data sets that were prepared before."""
    monkeypatch.setattr(submit_command, "Recorder", FakeRecorder)
    monkeypatch.setattr(grade_command, "Recorder", FakeRecorder)
    monkeypatch.setattr(
        recording, "tracker_for", lambda _settings: NullTracker(uri="", artifacts=None, ui_url="")
    )
    if data_once.exists():
        shutil.copytree(data_once, home / "data")
    yield lambda *argv: run(capsys, argv)
    if (home / "data").exists() and not data_once.exists():
        shutil.copytree(home / "data", data_once)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """The reference solution, in a folder that no workspace claims."""
    folder = tmp_path / "work"
    shutil.copytree(FAST_LABS / LAB / "solution", folder)
    return folder


@pytest.fixture(scope="session")
def data_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data sets as the first test that needed them had them prepared."""
    return tmp_path_factory.mktemp("prepared") / "data"


@pytest.fixture(scope="session")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one graded submission of ada's, made once for all tests."""
    return tmp_path_factory.mktemp("graded") / "home"


@pytest.fixture
def graded(graded_once: Path, labrun: Labrun, work: Path, home: Path) -> Path:
    """A home of one's own in which ada has been graded."""
    if not graded_once.exists():
        done = labrun("submit", work, "--lab", LAB, "-m", "my first")
        assert done.code == 0, done.err
        shutil.copytree(home, graded_once)
    else:
        shutil.copytree(graded_once, home, dirs_exist_ok=True)
    return home
