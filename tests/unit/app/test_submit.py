"""One submission to its end, or not: leases, faults and interruptions, on the process sandbox."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labrun.app import submit as app
from labrun.app.gather import gather as really_gather
from labrun.app.progress import Silence
from labrun.app.recover import open_ledger
from labrun.app.settings import Settings
from labrun.app.submit import Request, preview, submit
from labrun.domain.evidence import Evidence
from labrun.domain.result import Result, Status
from labrun.errors import PlatformError, SandboxError
from labrun.store.ledger import Ledger
from labrun.store.ledger_records import Entry, State

ROOT = Path(__file__).parents[3] / "tests/attacks/lab"
LAB = "attack-call"

Gather = Callable[..., Evidence]


class Heard(Silence):
    """Keeps what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home", labs=ROOT / "labs", datasets=ROOT / "datasets",
        containers=tmp_path, learner="ada", sandbox="process",
    )  # fmt: skip


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    code = Path(shutil.copytree(ROOT / "labs" / LAB / "solution", tmp_path / "work"))
    return Request(lab=ROOT / "labs" / LAB, code=code, learner="ada")


def only(settings: Settings) -> Entry:
    with open_ledger(settings) as ledger:
        (entry,) = ledger.history("ada")
    return entry


def failing(
    monkeypatch: pytest.MonkeyPatch, *faults: BaseException | Callable[[], object]
) -> list[int]:
    """Have the sandbox fail with these before it works; return how often it was asked."""
    real: Gather = really_gather
    left, asked = list(faults), list[int]()

    def gather(*words: Any, **more: Any) -> Evidence:
        asked.append(1)
        if left:
            fault = left.pop(0)
            if isinstance(fault, BaseException):
                raise fault
            fault()
        return real(*words, **more)

    monkeypatch.setattr(app, "gather", gather)
    return asked


def run(request: Request, settings: Settings) -> tuple[Result, Heard]:
    heard = Heard()
    return submit(request, settings, heard).result, heard


def test_a_submission_is_graded_and_its_files_are_kept(
    request_: Request, settings: Settings
) -> None:
    result, _ = run(request_, settings)
    assert (result.status, result.score) == (Status.GRADED, 100)
    assert (result.official, result.attempt.why) == (False, "an unofficial sandbox")
    entry = only(settings)
    assert (entry.state, entry.counted, entry.files is None) == (State.GRADED, False, False)


def test_a_syntax_error_is_invalid_and_nothing_is_started(
    request_: Request, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = failing(monkeypatch)
    (request_.code / "solution.py").write_text("def fit(:\n")
    result, _ = run(request_, settings)
    assert result.status is Status.INVALID
    assert "solution.py:1" in result.reason
    assert asked == []


def test_a_fault_of_the_platform_is_tried_once_more_and_said(
    request_: Request, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = failing(monkeypatch, SandboxError("the engine hiccuped"))
    result, heard = run(request_, settings)
    assert (result.score, len(asked)) == (100, 2)
    assert "a fault of the platform, trying once more: the engine hiccuped" in heard.said
    assert only(settings).platform_failures == 1


def test_a_fault_that_stays_is_told_and_the_submission_waits(
    request_: Request, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, *[SandboxError("the engine is gone") for _ in range(2)])
    with pytest.raises(PlatformError, match="the engine is gone"):
        run(request_, settings)
    entry = only(settings)
    assert (entry.state, entry.platform_failures) == (State.QUEUED, 2)


def test_an_interruption_gives_the_submission_back_and_flies_on(
    request_: Request, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        run(request_, settings)
    assert only(settings).state is State.QUEUED


@pytest.mark.parametrize("method", ["enter_phase", "finish"])
def test_a_lease_that_was_lost_ends_the_run_and_keeps_nothing(
    request_: Request, settings: Settings, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(Ledger, method, lambda *_words, **_more: False)
    with pytest.raises(PlatformError, match="lease"):
        run(request_, settings)
    assert only(settings).verdict is None


def test_a_preview_says_what_would_be_sent_and_spends_nothing(
    request_: Request, settings: Settings
) -> None:
    (request_.code / "notes.md").write_text("x")
    plan = preview(request_, settings, Silence())
    assert sorted(plan.submission.files) == ["plain.py", "solution.py"]
    assert [each.path for each in plan.left_out] == ["notes.md"]
    assert (plan.chances.max, plan.earlier) == (None, None)
    with open_ledger(settings) as ledger:
        assert ledger.history("ada") == ()
