"""Regrades of submissions that were really run, in the `process` sandbox."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labrun.app import regrading
from labrun.app.gather import gather
from labrun.app.grade_folder import grade_folders
from labrun.app.progress import Silence
from labrun.app.recover import open_ledger
from labrun.app.regrade import Order, proposal, propose, publish
from labrun.app.settings import Settings
from labrun.domain.regrade import Change, Item, Proposal
from labrun.domain.result import How
from labrun.errors import RefusedError, SandboxError, UserError
from labrun.store.blobs import Blobs

ROOT = Path(__file__).parents[3] / "tests/attacks/lab"
LAB = "attack-call"
EASIER = ("floor: 0.9, full: 0.95", "floor: -1.0, full: 0.9")
pytestmark = pytest.mark.slow


class Heard(Silence):
    """Keeps what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


def settings(folder: Path) -> Settings:
    return Settings(
        home=folder / "home", labs=folder / "labs", datasets=ROOT / "datasets",
        containers=folder, learner="ada", sandbox="process",
    )  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ada's solution and Bob's baseline, graded once for all tests of this file."""
    folder = tmp_path_factory.mktemp("graded")
    shutil.copytree(ROOT / "labs" / LAB, folder / "labs" / LAB)
    path = folder / "labs" / LAB / "lab.yaml"
    text = path.read_text()
    mark = "decision: {rule: point, at: 0.9}, points: 50, gate: true"
    assert mark in text
    ramp = f"decision: {{rule: ramp, {EASIER[0]}}}, points: 50"
    text = text.replace(mark, ramp) + "\nleaderboard: {check: quality, step: ladder}\n"
    path.write_text(text)
    for name, control in (("ada", "solution"), ("bob", "baseline")):
        shutil.copytree(ROOT / "labs" / LAB / control, folder / "class" / name)
    folders = [folder / "class" / name for name in ("ada", "bob")]
    rows = list(
        grade_folders(
            folder / "labs" / LAB, folders, jobs=1, settings=settings(folder), progress=Silence()
        )
    )
    assert [row.error for row in rows] == [None, None]
    return folder


@pytest.fixture
def place(graded: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(graded, tmp_path / uuid.uuid4().hex[:6]))


@pytest.fixture
def lab(place: Path) -> Path:
    return place / "labs" / LAB


@pytest.fixture
def regrade(place: Path, lab: Path) -> Callable[..., Proposal]:
    def regrade(how: How = How.RESCORE, *, progress: Any = None, **order: Any) -> Proposal:
        asked = Order(lab=lab, how=how, **order)
        found = propose(asked, settings(place), progress or Silence())
        assert found
        return found

    return regrade


@pytest.fixture
def ledger(place: Path) -> Iterator[Any]:
    with open_ledger(settings(place)) as opened:
        yield opened


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def by_name(proposal: Proposal) -> dict[str, Item]:
    return {item.learner: item for item in proposal.items}


def test_three_rescores_of_an_unchanged_lab_agree_to_the_byte_and_change_nothing(
    regrade: Callable[..., Proposal], ledger: Any
) -> None:
    found = [regrade() for _ in range(3)]
    assert {item.change for each in found for item in each.items} == {Change.SAME}
    told = [
        [judged.result.model_dump_json() for judged in ledger.regrades.judged(each.id)]
        for each in found
    ]
    assert told[0] == told[1] == told[2]
    kept = [ledger.result(item.submission).model_dump_json() for item in found[0].items]
    assert told[0] == kept


def test_an_easier_mark_lifts_who_fell_short(
    regrade: Callable[..., Proposal], place: Path, lab: Path, ledger: Any
) -> None:
    change(lab / "lab.yaml", *EASIER)
    change(lab / "lab.yaml", "pass_score: 95", "pass_score: 60")
    found = regrade()
    bob = by_name(found)["bob"]
    assert (bob.change, bob.before.verdict, bob.after and bob.after.verdict) == (
        Change.RISES, "failed", "passed",
    )  # fmt: skip
    assert [each.id for each in bob.checks] == ["quality"]
    assert bob.lab_digest != found.lab_digest
    assert proposal(lab, found.short, settings(place), Silence()) == found
    publish(lab, found.short, settings(place), Silence(), reason="the mark was a slip")
    assert ledger.find(bob.submission).verdict == "passed"
    assert ledger.result(bob.submission).regrade.reason == "the mark was a slip"


def test_a_harder_mark_lowers_nobody(
    regrade: Callable[..., Proposal], place: Path, lab: Path, ledger: Any
) -> None:
    change(lab / "lab.yaml", "pass_score: 95", "pass_score: 100")
    change(lab / "lab.yaml", EASIER[0], "floor: 0.99999, full: 1.0")
    found = regrade()
    ada = by_name(found)["ada"]
    assert (ada.change, ada.why) == (Change.KEPT, "would fall, kept: verdict, score")
    publish(lab, found.short, settings(place), Silence(), reason="harder")
    assert ledger.find(ada.submission).verdict == "passed"
    assert ledger.find(ada.submission).score == 100


def test_other_hidden_tests_need_the_code_to_run_again(
    regrade: Callable[..., Proposal], lab: Path
) -> None:
    change(lab / "hidden" / "test_functions.py", "solution.double(-2) == -4", "True")
    found = regrade()
    assert {item.change for item in found.items} == {Change.NEEDS_RERUN}
    assert "the tests of 'functions' changed" in found.items[0].why
    again = regrade(How.RERUN, only=("ada",))
    assert [item.change for item in again.items] == [Change.SAME]


def test_a_phase_the_lab_lacks_needs_the_code_to_run_again(
    regrade: Callable[..., Proposal], lab: Path
) -> None:
    change(lab / "lab.yaml", "name: predict,", "name: foretell,")
    change(lab / "lab.yaml", "phase: predict", "phase: foretell")
    (ada, _) = regrade().items
    assert ada.change is Change.NEEDS_RERUN
    assert "no phase 'predict' any more" in ada.why


def test_altered_evidence_is_named_and_the_others_go_on(
    regrade: Callable[..., Proposal], place: Path, ledger: Any
) -> None:
    (ada,) = ledger.history("ada")
    blob = Blobs(place / "home" / "evidence" / "blobs").path(ada.evidence)
    blob.write_bytes(blob.read_bytes().replace(b"fit", b"tif"))
    found = by_name(regrade())
    assert found["ada"].change is Change.UNREADABLE
    assert f"{blob} is damaged" in found["ada"].why
    assert found["bob"].change is Change.SAME
    blob.unlink()
    assert "is missing" in by_name(regrade())["ada"].why


def test_a_regrade_that_is_stopped_goes_on_where_it_was(
    regrade: Callable[..., Proposal], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    real = regrading.rescored

    def once(bench: Any, current: Any, climb: Any) -> Any:
        if done:
            raise KeyboardInterrupt
        done.append(current.entry.learner)
        return real(bench, current, climb)

    with monkeypatch.context() as patch:
        patch.setattr("labrun.app.regrade.rescored", once)
        with pytest.raises(KeyboardInterrupt):
            regrade()
    progress = Heard()
    found = regrade(progress=progress)
    assert (found.state, len(found.items)) == ("proposed", 2)
    assert [line for line in progress.said if line.startswith("[")] == [
        f"[1/1] bob  {by_name(found)['bob'].submission[-6:]}  same"
    ]


@pytest.mark.parametrize("faults", [1, 2])
def test_a_fault_of_the_platform_is_tried_once_more_and_then_next_time(
    regrade: Callable[..., Proposal],
    place: Path,
    lab: Path,
    monkeypatch: pytest.MonkeyPatch,
    faults: int,
) -> None:
    left = [faults]

    def failing(*arguments: Any, **options: Any) -> Any:
        if left[0]:
            left[0] -= 1
            msg = "the engine went away"
            raise SandboxError(msg)
        return gather(*arguments, **options)

    monkeypatch.setattr("labrun.app.regrading.gather", failing)
    found = regrade(How.RERUN, only=("ada",))
    if faults == 2:
        assert (found.items[0].change, found.items[0].why) == (
            Change.FAILED, "the engine went away",
        )  # fmt: skip
        with pytest.raises(RefusedError, match="is not finished"):
            publish(lab, found.short, settings(place), Silence(), reason="none")
        found = regrade(How.RERUN, only=("ada",))
    assert [item.change for item in found.items] == [Change.SAME]


def test_a_broken_lab_is_said_and_nobody_gets_a_grade_from_it(
    regrade: Callable[..., Proposal], lab: Path
) -> None:
    change(lab / "lab.yaml", "metric: r2,", "metric: r2, column: nowhere,")
    found = regrade()
    assert {item.change for item in found.items} == {Change.LAB_FAULT}
    assert "no column 'nowhere'" in found.items[0].why


def test_only_names_a_learner_or_a_submission(
    regrade: Callable[..., Proposal], ledger: Any
) -> None:
    (ada,) = ledger.history("ada")
    assert [item.learner for item in regrade(only=(ada.short,)).items] == ["ada"]
    assert [item.learner for item in regrade(only=("bob", "ada")).items] == ["ada", "bob"]
    with pytest.raises(UserError, match="nobody called 'eve' was graded") as said:
        regrade(only=("eve",))
    assert said.value.help == "graded: ada, bob"


def test_where_nothing_was_graded_there_is_nothing_to_regrade(place: Path, lab: Path) -> None:
    fresh = settings(place).model_copy(update={"home": place / "other"})
    assert propose(Order(lab=lab, how=How.RESCORE), fresh, Silence()) is None


def test_a_reason_must_say_something(place: Path, lab: Path) -> None:
    with pytest.raises(UserError, match="says nothing"):
        publish(lab, "abcdef", settings(place), Silence(), reason=" ")
