"""Regrades of what is closed, lost, or was gathered somewhere else."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from sklearn.metrics import r2_score
from tests.unit.app.feedback_lab import LAB, Course

from labrun.app.progress import Silence
from labrun.app.recover import open_ledger
from labrun.app.regrade import Order, propose, publish
from labrun.app.regrading import Nowhere
from labrun.app.views import result_of_submission
from labrun.domain.lab import Limits
from labrun.domain.regrade import Change, Proposal
from labrun.domain.result import How
from labrun.errors import SandboxError
from labrun.tracker.null import NullTracker

pytestmark = pytest.mark.slow
EASIER = {"rule": "ramp", "floor": -9.0, "full": 0.5}
HARD = {"rule": "ramp", "floor": 0.98, "full": 0.999}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    def forget(_settings: Any) -> NullTracker:
        return NullTracker(uri="", artifacts=None, ui_url="")

    monkeypatch.setattr("labrun.app.recording.tracker_for", forget)
    return Course(tmp_path, monkeypatch, decision=dict(HARD))


def alter(course: Course, decision: dict[str, Any]) -> None:
    path = course.lab / "lab.yaml"
    lab = yaml.safe_load(path.read_text())
    lab["checks"][1]["decision"] = decision
    path.write_text(yaml.safe_dump(lab))


def regrade(course: Course, how: How = How.RESCORE) -> Proposal:
    found = propose(Order(lab=course.lab, how=how), course.settings, Silence())
    assert found
    return found


def test_of_a_closed_lab_what_counts_is_judged_on_the_final_rows(course: Course) -> None:
    answer = course.noisy(0.9)
    course.hand_in(course.noisy(0.1))
    last = course.hand_in(answer)
    course.close()
    alter(course, EASIER)
    found = regrade(course)
    items = {item.submission: item for item in found.items}
    item = items[last.submission.id]
    assert item.change is Change.RISES
    publish(course.lab, found.short, course.settings, Silence(), reason="the mark was a slip")
    result = result_of_submission(last.submission.id, course.settings)
    assert (result.part, result.verdict) == ("final", "passed")
    kept = ~course.shown
    measured = result.checks[1].estimate
    assert measured
    assert measured.value == pytest.approx(r2_score(course.truth[kept], answer[kept]), rel=1e-9)
    with open_ledger(course.settings) as ledger:
        (standing,) = ledger.board(course.bench.lab).official
    assert (standing.submission, standing.score) == (last.submission.id, result.score)


def test_a_rerun_elsewhere_than_it_was_graded_is_no_comparison(course: Course) -> None:
    course.hand_in(course.noisy(0.9))
    (item,) = regrade(course, How.RERUN).items
    assert item.change is Change.NEEDS_RERUN
    assert item.why == "it was graded in the docker sandbox, not in process"


def lose(course: Course, what: str) -> None:
    """Remove the bytes of one kept thing from the store of evidence."""
    with open_ledger(course.settings) as ledger:
        (entry,) = ledger.history("ada", LAB)
    digest = str(getattr(entry, what))
    found = [path for path in course.settings.evidence.rglob("*") if digest[4:] in path.name]
    assert found
    for path in found:
        path.unlink()


@pytest.mark.parametrize("how", list(How))
def test_files_that_are_lost_are_named_and_nothing_is_made_up(course: Course, how: How) -> None:
    course.hand_in(course.noisy(0.9))
    lose(course, "files")
    (item,) = regrade(course, how).items
    assert item.change is Change.UNREADABLE
    assert item.after is None
    assert item.why


def test_nothing_runs_where_stored_evidence_is_judged() -> None:
    nowhere = Nowhere("docker", official=True, image_id=None)
    with pytest.raises(SandboxError, match="nothing is run where stored evidence is judged again"):
        nowhere.start(Limits(), labels={})
    assert nowhere.recipe() == {}
