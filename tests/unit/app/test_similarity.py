import hashlib
import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.store.conftest import Make, ToldClock

from labrun.app.progress import Silence
from labrun.app.settings import Settings
from labrun.app.similarity import EVERY, Question, similarity, write_page
from labrun.domain.lab import Attempts
from labrun.domain.similarity import Comparison
from labrun.domain.submission import Submission
from labrun.errors import StoreError, UserError
from labrun.store import ledger_ids
from labrun.store.evidence import EvidenceStore
from labrun.store.ledger import Ledger
from labrun.store.ledger_records import NewSubmission

LABS = Path(__file__).parents[3] / "labs"
LAB = "c02-credit-cost"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
SOLUTION = (LABS / LAB / "solution" / "solution.py").read_bytes()
OTHER = (LABS / "f01-linear-algebra" / "solution" / "solution.py").read_bytes()
STARTER = (LABS / LAB / "starter" / "solution.py").read_bytes()

HandIn = Callable[..., str]


class Heard(Silence):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home",
        labs=LABS,
        datasets=LABS.parent / "datasets",
        containers=tmp_path,
        learner="trainer",
        sandbox="process",
    )


@pytest.fixture
def hand_in(settings: Settings) -> HandIn:
    """Put a submission into the ledger without grading it."""

    def put(learner: str, body: bytes, *, lab: str = LAB, kept: bool = True) -> str:
        files = {"solution.py": body}
        settings.home.mkdir(exist_ok=True)
        store = EvidenceStore(settings.evidence)
        new = NewSubmission(
            id=ledger_ids.new_id(datetime.now(UTC)),
            learner=learner,
            lab=lab,
            lab_version="1.0.0",
            lab_digest="d",
            sha256=hashlib.sha256(body).hexdigest(),
            official=False,
            split="public",
            files=store.keep_submission(Submission(lab=lab, files=files)) if kept else None,
        )
        with Ledger.open(settings.ledger, clock=lambda: datetime.now(UTC)) as ledger:
            return ledger.submit(new, Attempts()).short

    return put


def ask(
    settings: Settings, *folders: Path, every: bool = False, threshold: float = 0.5
) -> Comparison:
    question = Question(lab="c02", folders=folders, every=every, threshold=threshold)
    return similarity(question, settings, Silence(), now=NOW)


def names(comparison: Comparison) -> list[str]:
    return sorted(member.name for member in comparison.members)


def folder(tmp_path: Path, learner: str, **files: bytes) -> Path:
    made = tmp_path / "class" / learner
    made.mkdir(parents=True)
    for name, body in files.items():
        (made / name.replace("__", ".")).write_bytes(body)
    return made.parent


def test_submissions_of_the_ledger_are_compared_and_the_copy_comes_first(
    settings: Settings, hand_in: HandIn
) -> None:
    hand_in("ada", SOLUTION)
    hand_in("ben", OTHER)
    cleo = hand_in("cleo", SOLUTION.replace(b"instalment", b"monthly"))
    hand_in("dora", SOLUTION, lab="c01-houses")
    found = ask(settings)
    assert names(found) == ["ada", "ben", "cleo"]
    first = found.pairs[0]
    assert {found.members[first.left].name, found.members[first.right].name} == {"ada", "cleo"}
    assert first.score == 1
    assert first.regions
    assert (found.compared, found.above, found.made) == (3, 1, NOW)
    assert cleo in {member.submission for member in found.members}


def test_the_starter_and_public_tests_do_not_count(settings: Settings, hand_in: HandIn) -> None:
    hand_in("ada", STARTER)
    hand_in("ben", STARTER)
    found = ask(settings)
    assert [member.own for member in found.members] == [0, 0]
    assert found.pairs == ()


def test_of_each_learner_the_newest_ungraded_counts_unless_all_are_asked_for(
    settings: Settings, hand_in: HandIn
) -> None:
    hand_in("ada", SOLUTION)
    newest = hand_in("ada", OTHER)
    hand_in("ben", SOLUTION)
    assert newest in {member.submission for member in ask(settings).members}
    assert names(ask(settings)) == ["ada", "ben"]
    every = ask(settings, every=True)
    assert names(every) == ["ada", "ada", "ben"]
    assert every.compared == 2  # a learner is not compared with herself


def test_of_each_learner_the_best_graded_counts_whatever_was_handed_in_after_it(
    settings: Settings,
) -> None:
    clock = ToldClock()
    make = Make(clock)
    files = {
        score: EvidenceStore(settings.evidence).keep_submission(
            Submission(lab=LAB, files={"solution.py": SOLUTION + b"# %d" % score})
        )
        for score in (40, 90, 91, 10)
    }
    with Ledger.open(settings.ledger, clock=clock) as ledger:
        rows = {}
        for number, score in enumerate((40, 90, 91, 10)):
            clock.advance(minutes=1)
            shown = min(score, 90)  # the third is as good as the second, and later
            rows[score] = make.graded(
                ledger, score=shown, lab=LAB, content=f"{number}", files=files[score]
            )
        clock.advance(minutes=1)
        ledger.submit(make.new(lab=LAB, content="f", files=files[10]), Attempts())
    assert [member.submission for member in ask(settings).members] == [rows[90].short]


def test_what_cannot_be_read_is_said(settings: Settings, hand_in: HandIn) -> None:
    hand_in("ada", SOLUTION)
    gone = hand_in("ben", SOLUTION, kept=False)
    hand_in("cleo", OTHER)
    for path in settings.evidence.rglob("*"):
        if path.is_file() and path.read_bytes() == OTHER:
            path.unlink()
    found = ask(settings)
    assert names(found) == ["ada"]
    assert f"ben {gone}: its files were not kept" in found.left_out
    assert [said for said in found.left_out if "is missing" in said]


def test_folders_are_compared_with_notebooks_and_without_a_ledger(
    settings: Settings, tmp_path: Path
) -> None:
    cells = [{"cell_type": "code", "source": SOLUTION.decode()}]
    folder(tmp_path, "ada", solution__py=SOLUTION)
    folder(tmp_path, "ben", work__ipynb=json.dumps({"cells": cells}).encode())
    (tmp_path / "class" / "cleo").mkdir()
    root = folder(tmp_path, "dora", **{f"a{number}__py": b"x = 1" for number in range(300)})
    found = ask(settings, root)
    assert names(found) == ["ada", "ben", "cleo"]
    assert found.pairs[0].score == 1
    assert found.pairs[0].regions[0].right.path == "work.ipynb cell 1"
    assert [said for said in found.left_out if said.startswith("dora: ")]
    assert not settings.ledger.exists()


def test_what_was_not_compared_of_a_submission_is_said(settings: Settings, tmp_path: Path) -> None:
    root = folder(tmp_path, "ada", solution__py=b"x = f(y)\n" * 50_000)
    (member,) = ask(settings, root).members
    assert member.skipped


def test_no_submissions_at_all_are_no_error(settings: Settings) -> None:
    found = ask(settings)
    assert (found.members, found.pairs, found.median) == ((), (), None)


def test_an_unknown_lab_is_the_callers_mistake(settings: Settings) -> None:
    with pytest.raises(UserError, match="there is no lab"):
        similarity(Question(lab="zzz"), settings, Silence(), now=NOW)


def test_too_many_are_refused_before_any_is_read(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labrun.app.similarity.MOST_MEMBERS", 1)
    folder(tmp_path, "ada", solution__py=SOLUTION)
    with pytest.raises(UserError, match="more than the 1 that are compared"):
        ask(settings, folder(tmp_path, "ben", solution__py=SOLUTION))


def test_progress_is_told(settings: Settings, tmp_path: Path) -> None:
    for number in range(EVERY):
        folder(tmp_path, f"learner-{number}", solution__py=b"x = 1\n")
    root = tmp_path / "class"
    heard = Heard()
    similarity(Question(lab="c02", folders=(root,)), settings, heard, now=NOW)
    assert heard.lines == [f"read {EVERY} of {EVERY} submissions"]


def test_only_pairs_from_the_threshold_on_show_their_code(
    settings: Settings, tmp_path: Path
) -> None:
    half = SOLUTION[: len(SOLUTION) // 2]
    folder(tmp_path, "ada", solution__py=SOLUTION)
    root = folder(tmp_path, "ben", solution__py=half + b"\n" + OTHER)
    low, high = ask(settings, root, threshold=0.1), ask(settings, root, threshold=1.0)
    assert low.pairs[0].score == high.pairs[0].score < 1
    assert low.pairs[0].regions
    assert not high.pairs[0].regions


def test_the_page_is_for_its_writer_alone(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.html"
    write_page(ask(settings), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith("<!DOCTYPE html>")


def test_an_older_page_that_others_could_read_becomes_private(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.touch(mode=0o644)
    write_page(ask(settings), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_page_that_cannot_be_written_is_said(settings: Settings, tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.touch()
    with pytest.raises(StoreError, match="cannot write the report"):
        write_page(ask(settings), taken / "page.html")
