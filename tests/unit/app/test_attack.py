"""When an attack counts as held; what its code would have done in a container is made up."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import ROOT
from tests.unit.app.feedback_lab import Official

from labrun.app import attack as module
from labrun.app.attack import Attacked, attack
from labrun.app.bench import Bench
from labrun.app.hostile import pieces
from labrun.app.progress import Silence
from labrun.app.settings import Settings
from labrun.app.submit import Request
from labrun.domain.grade import Verdict
from labrun.domain.result import Result, Status
from labrun.errors import RefusedError, SandboxError
from labrun.sandbox import reaper

HOSTILE = ROOT / "tests/attacks/lab"
LAB = HOSTILE / "labs/attack-call"
CONSTANT = [each for each in pieces() if each.name == "cheating-constant"]
PASSED = {"verdict": Verdict.PASSED, "score": 100.0}
FAILED = {"verdict": Verdict.FAILED, "score": 12.0}

Answer = Callable[[Bench], dict[str, Any]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home", labs=HOSTILE / "labs", datasets=HOSTILE / "datasets",
        containers=tmp_path, learner="author",
    )  # fmt: skip


@pytest.fixture
def besiege(
    settings: Settings, graded_by: Result, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[Attacked]]:
    """Attack the lab; each attack's result is ``answers`` in turn, or an error that is raised."""

    def besiege(*answers: Any, left: tuple[str, ...] = ()) -> list[Attacked]:
        waiting = list(answers)

        def graded(bench: Bench, *_: Any) -> Result:
            answer = waiting.pop(0)
            if isinstance(answer, Exception):
                raise answer
            changes = answer(bench) if callable(answer) else answer
            return graded_by.model_copy(update=changes)

        monkeypatch.setattr(module, "_graded", graded)
        monkeypatch.setattr("labrun.app.bench.open_sandbox", lambda *_: Official())
        monkeypatch.setattr(module, "guard", lambda _: _Nothing())
        monkeypatch.setattr(reaper, "remove_owned", lambda *_: list(left))
        return list(attack(LAB, CONSTANT, settings=settings, progress=Silence()))

    return besiege


class _Nothing:
    def __enter__(self) -> None:
        """Guard nothing: there is nothing to remove."""

    def __exit__(self, *_: object) -> None:
        """See above."""


@pytest.fixture
def graded_by(tmp_path: Path) -> Result:
    """A result of the lab as the process sandbox makes it."""
    from labrun.app.bench import set_up  # noqa: PLC0415  (heavy; so are these)
    from labrun.app.recover import open_ledger  # noqa: PLC0415
    from labrun.app.submit import submit_on  # noqa: PLC0415

    apart = Settings(
        home=tmp_path / "apart", labs=HOSTILE / "labs", datasets=HOSTILE / "datasets",
        containers=tmp_path, learner="ada", sandbox="process",
    )  # fmt: skip
    bench = set_up(LAB, split="hidden", settings=apart, progress=Silence())
    request = Request(lab=LAB, code=LAB / "baseline", learner="ada")
    with open_ledger(apart) as ledger:
        return submit_on(bench, request, apart, Silence(), ledger=ledger).result


def test_an_attack_that_fails_and_leaves_nothing_is_held(besiege: Any) -> None:
    control, constant = besiege(PASSED, FAILED)
    assert (control.name, control.held) == ("control", True)
    assert (constant.name, constant.tried, constant.held) == ("cheating-constant", True, True)
    assert constant.detail.startswith("score 12: ")


def test_one_that_passes_is_not(besiege: Any) -> None:
    _, constant = besiege(PASSED, PASSED)
    assert not constant.held
    assert constant.detail == "it passes with 100 points"


def test_where_the_solution_fails_nothing_else_is_tried(besiege: Any) -> None:
    (control,) = besiege(FAILED)
    assert not control.held
    assert control.detail.startswith("the solution fails: score 12")


def test_one_that_breaks_labrun_or_is_not_judged_is_not_held(besiege: Any) -> None:
    _, broken = besiege(PASSED, SandboxError("the engine hangs"))
    assert not broken.held
    assert broken.detail == "labrun itself failed: the engine hangs"
    unjudged = {"status": Status.SYSTEM_ERROR, "verdict": None, "reason": "no evidence"}
    _, other = besiege(PASSED, unjudged)
    assert not other.held
    assert "was not graded, and the learner is not to blame: no evidence" in other.detail


def test_a_container_that_is_left_is_not_overlooked(besiege: Any) -> None:
    (control,) = besiege(PASSED, left=("3f62c0e2cd53",))
    assert (control.held, control.detail) == (False, "1 containers were left")


def test_a_hidden_value_in_what_is_told_is_found(besiege: Any) -> None:
    def telling(bench: Bench) -> dict[str, Any]:
        assert bench.data
        truth = (bench.data.private / "truth.csv").read_text().split()[1:]
        value = next(each for each in truth if len(each) >= module.LEAST_CELL)
        return {**FAILED, "reason": f"predicted {value} first", "status": Status.SYSTEM_ERROR}

    _, constant = besiege(PASSED, telling)
    assert not constant.held
    assert "tells of a hidden table" in constant.detail


def test_the_sandbox_that_isolates_nothing_is_refused(settings: Settings) -> None:
    process = settings.model_copy(update={"sandbox": "process"})
    with pytest.raises(RefusedError, match="'process' isolates nothing, and this code is hostile"):
        next(attack(LAB, CONSTANT, settings=process, progress=Silence()))
