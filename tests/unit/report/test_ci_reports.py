import json
from xml.etree import ElementTree as ET

import pytest

from labrun.domain.ci_report import BROKEN, FAILED, PASSED, REFUSED, Graded, Note, Report
from labrun.domain.pull_request import Problem, PullRequest, Rule, Work
from labrun.report import ci_badge
from labrun.report.ci_annotations import MOST_COMMANDS, annotations, code_quality
from labrun.report.ci_junit import junit
from labrun.report.ci_summary import MARKER, MOST_COMMENT, comment, summary

WORK = Work(folder="work/ada/c02", lab="c02", learner="ada", is_new=True, changed=("x",))


def report(*rows: Graded, problems: tuple[Problem, ...] = (), exact: bool = True) -> Report:
    pull = PullRequest(
        base="a" * 40,
        head="b" * 40,
        trusted="c" * 40,
        exact=exact,
        works=(WORK,),
        problems=problems,
    )
    return Report(kind="grade", pull=pull, rows=rows)


def failed(code: int = BROKEN, error: str = "no Docker", **more: object) -> Graded:
    return Graded(work=WORK, error=error, help="start it", code=code).model_copy(update=more)


def problem(path: str = "labs/x") -> Problem:
    return Problem(rule=Rule.OUTSIDE, path=path, says="is in no learner's folder")


def note(says: str = "says", path: str = "a.py", line: int | None = 3) -> Note:
    return Note(path=path, line=line, title="title", says=says)


def test_the_worst_folder_decides() -> None:
    assert report().code == PASSED
    assert report(failed(FAILED), failed(BROKEN)).code == BROKEN
    assert report(failed(FAILED)).state == "failure"
    assert report(failed(BROKEN)).state == "error"
    assert report(problems=(problem(),)).code == REFUSED


def test_a_headline_says_what_became_of_each_folder() -> None:
    assert report(failed(), failed(REFUSED)).headline == "c02: system error; c02: refused"
    assert report().headline == "nothing to grade"


def test_what_is_said_beside_a_line_cannot_end_its_command() -> None:
    row = failed(notes=(note("100%\n::set-output name=x::y", "a,b:c.py"),))
    assert annotations(report(row)) == (
        "::error file=a%2Cb%3Ac.py,line=3,title=title::100%25%0A::set-output name=x::y\n"
    )


def test_a_note_of_a_whole_file_has_no_line() -> None:
    assert (
        annotations(report(failed(notes=(note(line=None),))))
        == "::error file=a.py,title=title::says\n"
    )


def test_no_more_is_annotated_than_is_shown() -> None:
    row = failed(notes=tuple(note(f"{number}") for number in range(50)))
    assert annotations(report(row)).count("\n") == MOST_COMMANDS


def test_every_issue_of_code_quality_has_a_fingerprint_of_its_own() -> None:
    row = failed(notes=(note("one"), note("other"), note("one", line=4)))
    found = json.loads(code_quality(report(row, problems=(problem(),))))
    assert len({issue["fingerprint"] for issue in found}) == len(found) == 4
    assert found[0]["location"] == {"path": "labs/x", "lines": {"begin": 1}}


def test_text_of_a_learner_stays_text_in_a_summary() -> None:
    row = failed(error="<img src=x> | @all `x`\n# head")
    text = summary(report(row, problems=(problem("labs/<b>|\n::x::"),)))
    assert "<img" not in text
    assert "@all" not in text
    assert "\n# head" not in text
    assert "\n::" not in text
    assert text.count("\n|") == 6


def test_problems_past_a_page_are_counted() -> None:
    text = summary(report(problems=tuple(problem(f"labs/{number}") for number in range(70))))
    assert text.count("is in no learner") == 50
    assert "and 20 more" in text


def test_a_clone_without_the_beginning_is_mentioned() -> None:
    assert "counted from the tip of the base" in summary(report(exact=False))
    assert "counted from the tip of the base" not in summary(report())


def test_a_comment_begins_with_its_marker_and_fits() -> None:
    text = comment(report(*[failed(error="x" * 390)] * 9, problems=()))
    assert text.startswith(f"{MARKER}\n## labrun: ")
    assert len(text.encode()) < MOST_COMMENT


@pytest.mark.parametrize(("code", "kind"), [(BROKEN, "error"), (REFUSED, "failure")])
def test_a_folder_without_a_result_is_a_case_of_junit(code: int, kind: str) -> None:
    root = ET.fromstring(junit(report(failed(code, "no\x00 Docker"))))  # noqa: S314  (ours)
    (suite,) = root
    assert (suite.get("tests"), suite.get(f"{kind}s")) == ("1", "1")
    assert suite[0][0].get("message") == "no Docker"


def test_every_problem_is_a_failure_of_junit() -> None:
    root = ET.fromstring(junit(report(problems=(problem("<x>"), problem("\x1b")))))  # noqa: S314  (ours)
    assert root[0].get("failures") == "2"


@pytest.mark.parametrize(
    ("made", "message", "colour"),
    [
        (report(), "nothing to grade", "brightgreen"),
        (report(failed()), "system error", "lightgrey"),
        (report(failed(2)), "cannot be graded", "orange"),
        (report(failed(FAILED), failed(FAILED)), "0 of 2 passed", "red"),
        (report(problems=(problem(),)), "refused", "orange"),
    ],
)
def test_a_badge_says_it_in_a_few_words(made: Report, message: str, colour: str) -> None:
    assert json.loads(ci_badge.endpoint(made)) == {
        "schemaVersion": 1,
        "label": "labrun",
        "message": message,
        "color": colour,
    }
    picture = ET.fromstring(ci_badge.picture(made))  # noqa: S314  (ours)
    assert picture.get("aria-label") == f"labrun: {message}"
    assert not [each for each in picture.iter() if each.tag.endswith("script")]
