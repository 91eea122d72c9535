"""Several submissions of a learner on one ladder: a regrade goes up it again, from the first rung.

What is told of a submission there depends on those before it, so each test hands in several.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.app.feedback_lab import LAB, Course

from labrun.app.progress import Silence
from labrun.app.recover import open_ledger
from labrun.app.regrade import Order, propose, publish
from labrun.domain.grade import Estimate
from labrun.domain.regrade import Change, Proposal
from labrun.domain.result import How, Result

pytestmark = pytest.mark.slow

Start = Callable[..., Course]
# Noise on each answer: a first, one hardly better, one clearly better, a worse, a hair better.
SIZES = (1.5, 1.48, 0.6, 1.1, 0.59)
RUNGS = (0, 0, 2, 2, 2)  # the submission whose value is told of each
EASIER = {"rule": "ramp", "floor": -1.0, "full": 0.9}
OTHER = {"metric": "mae", "decision": {"rule": "ramp", "floor": 2.0, "full": 0.1}}


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    made = iter(range(10))

    def start(**choices: Any) -> Course:
        folder = tmp_path / str(next(made))
        folder.mkdir()
        return Course(folder, monkeypatch, **choices)

    return start


def climb(course: Course, learner: str = "ada") -> list[Result]:
    return [course.hand_in(course.noisy(size), learner) for size in SIZES]


def regrade(course: Course, **order: Any) -> Proposal:
    asked = Order(lab=course.lab, how=How.RESCORE, **order)
    found = propose(asked, course.settings, Silence())
    assert found
    return found


def again(course: Course, proposal: Proposal) -> dict[str, Result]:
    """Return what a regrade found, by submission."""
    with open_ledger(course.settings) as ledger:
        judged = ledger.regrades.judged(proposal.id)
    return {each.item.submission: each.result for each in judged if each.result}


def alter(course: Course, **changes: Any) -> None:
    path = course.lab / "lab.yaml"
    lab = yaml.safe_load(path.read_text())
    lab["checks"][1] |= changes
    path.write_text(yaml.safe_dump(lab))


def told(result: Result) -> Estimate:
    estimate = result.checks[1].estimate
    assert estimate is not None
    return estimate


def rungs(results: list[Result]) -> list[int]:
    """Return of each submission the number of the one whose value it is told."""
    ids = [each.submission.id for each in results]
    return [ids.index(each.checks[1].shown_from or each.submission.id) for each in results]


def test_an_unchanged_lab_tells_each_submission_what_it_told_before(start: Start) -> None:
    course = start()
    results = climb(course)
    assert tuple(rungs(results)) == RUNGS
    found = regrade(course)
    assert {item.change for item in found.items} == {Change.SAME}
    kept = {each.submission.id: each.model_dump_json() for each in results}
    regraded = {name: each.model_dump_json() for name, each in again(course, found).items()}
    assert {name: _without_seconds(body) for name, body in regraded.items()} == {
        name: _without_seconds(body) for name, body in kept.items()
    }


def _without_seconds(body: str) -> str:
    return Result.model_validate_json(body).model_copy(update={"seconds": 0}).model_dump_json()


def test_one_submission_alone_is_still_judged_after_those_before_it(start: Start) -> None:
    course = start()
    last = climb(course)[-1]
    found = regrade(course, only=(last.submission.id,))
    assert [item.change for item in found.items] == [Change.SAME]
    mine = again(course, found)
    assert mine.keys() == {last.submission.id}
    assert told(mine[last.submission.id]) == told(last)
    assert mine[last.submission.id].checks[1].shown_from == last.checks[1].shown_from


def test_learners_regraded_side_by_side_climb_ladders_of_their_own(start: Start) -> None:
    course = start()
    ada, bob = [], []
    for size in SIZES:  # taking turns
        ada.append(course.hand_in(course.noisy(size), "ada"))
        bob.append(course.hand_in(course.noisy(2 * size), "bob"))
    mine = again(course, regrade(course, jobs=2))
    for results in (ada, bob):
        assert [told(mine[each.submission.id]) for each in results] == [told(e) for e in results]
        assert rungs([mine[each.submission.id] for each in results]) == rungs(results)


def test_what_a_corrected_lab_tells_is_what_it_would_have_told_from_the_start(
    start: Start,
) -> None:
    wrong, right = start(), start()
    alter(right, **OTHER)
    right.read_again()
    first = climb(wrong)
    alter(wrong, **OTHER)
    mine = again(wrong, regrade(wrong))
    expected = climb(right)
    assert [told(mine[each.submission.id]) for each in first] == [told(e) for e in expected]
    assert rungs([mine[each.submission.id] for each in first]) == rungs(expected)


def test_after_a_regrade_is_published_the_next_submission_goes_on_from_what_is_told_now(
    start: Start,
) -> None:
    course = start(decision={"rule": "ramp", "floor": 0.98, "full": 0.999})
    first = climb(course)
    alter(course, decision=EASIER)
    found = regrade(course)
    assert {item.change for item in found.items} == {Change.RISES}
    publish(course.lab, found.short, course.settings, Silence(), reason="the mark was a slip")
    mine = again(course, found)
    assert told(mine[first[-1].submission.id]).value == told(first[-1]).value
    course.read_again()
    hardly, clearly = (course.hand_in(course.noisy(size)) for size in (0.585, 0.1))
    assert hardly.checks[1].shown_from == first[RUNGS[-1]].submission.id
    assert told(hardly).value == told(first[-1]).value
    assert clearly.checks[1].shown_from is None
    assert told(clearly).value > told(hardly).value
    with open_ledger(course.settings) as ledger:
        board = ledger.board(course.bench.lab)
    assert [(row.learner, row.submission) for row in board.official] == [
        ("ada", clearly.submission.id)
    ]
    assert board.lab == LAB
