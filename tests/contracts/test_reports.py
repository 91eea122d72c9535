"""What every report format owes its reader, whatever learners and authors wrote."""

import functools
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from labrun.domain.evidence import Ending, LearnerError
from labrun.domain.grade import Estimate, Fault, Outcome, Plot, Verdict
from labrun.domain.leaderboard import Board, Standing
from labrun.domain.result import (
    AttemptInfo,
    CheckInfo,
    DataInfo,
    Environment,
    GraderInfo,
    LabInfo,
    PhaseInfo,
    Result,
    Status,
    SubmissionInfo,
)
from labrun.report import FORMATS
from labrun.report.as_text import coloured
from labrun.report.leaderboard import board_json, board_markdown, board_text

FORMAT_NAMES = ["html", "json", "junit", "markdown", "text"]
HOSTILE = {
    "colour": "\x1b[31mPASS\x1b[0m \x9b1mloud",
    "title": "\x1b]0;owned\x07 \x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\ \x1b]unended",
    "control": "a\x00b\x07c\x08d\x0be\x0cf\x7fg\x85h\u2028i\rj",
    "bidi": "\u202etxt.exe\u2066 \u200f\u061c\ufeff",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;{{ 7*7 }}{% raw %}",
    "xml": "]]> <![CDATA[ <!-- --> <?xml?> &bad; \ufffe\uffff",
    "half": "\ud800 half a pair \udfff",
    "markdown": "| a\n\n# big\n```\n[x](http://evil.example) ![i](//e) @everyone www.evil.example",
    "long": "A" * 100_000,
    "lines": "\n" * 5_000 + "end",
    "maths": r"$\frac{ $ \$ ^_{",
    "empty": "",
    "emoji": "🦄 日本語 ünï",
}
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
WHEN = datetime(2025, 3, 4, 14, tzinfo=UTC)


def hostile_result(text: str) -> Result:
    estimate = Estimate(
        metric=text, value=0.5, low=0.4, high=0.6, level=0.95, method=text, n=9, direction="higher"
    )
    check = CheckInfo(
        id="one", type=text, title=text, outcome=Outcome.FAILED, points=0, of=10, gate=True,
        rationale=text, help=text, reveal="all", estimate=estimate,
    )  # fmt: skip
    phase = PhaseInfo(
        name="fit", ending=Ending.CRASHED, detail=text, seconds=1, log=text,
        error=LearnerError(type=text, message=text, where=(text, text)),
    )  # fmt: skip
    plot = Plot(
        id="counts", kind="confusion", title=text, x_label=text, y_label=text,
        labels=(text, text), series={"counts": (1, 2, 3, 4)},
    )  # fmt: skip
    odd = Plot(id="odd", kind=text, title=text, series={text: (1.0,)})
    sent = SubmissionInfo(
        id=text, sha256=text, files=(text,), bytes=1, learner=text, received=WHEN,
        message=text, commit=text,
    )  # fmt: skip
    return Result(
        official=False, split="hidden", submission=sent,
        lab=LabInfo(slug="lab", version=text, title=text, digest=text),
        grader=GraderInfo(version=text, sandbox=text, image=text, image_digest=text),
        data=(DataInfo(id=text, sha256=text),),
        environment=Environment(arch=text, cpus=1, gpu=text),
        status=Status.GRADED, verdict=Verdict.FAILED, reason=text, score=0, pass_score=70,
        phases=(phase,), plots=(plot, odd), seconds=1, timings={text: 1.0}, supersedes=text,
        checks=(
            check,
            check.model_copy(update={"id": "two", "outcome": Outcome.SKIPPED, "estimate": None}),
            check.model_copy(update={"id": "three", "fault": Fault.LAB}),
            check.model_copy(update={"id": "four", "outcome": Outcome.PASSED}),
        ),
        attempt=AttemptInfo(number=None, max=None, left=None, counted=False, why=text),
    )  # fmt: skip


def hostile_board(text: str) -> Board:
    standing = Standing(
        rank=1, learner=text, submission=text, verdict=Verdict.PASSED, score=80, estimate=None,
        received=WHEN, submissions=3,
    )  # fmt: skip
    return Board(lab="lab", title=text, metric=text, official=(standing,), unofficial=(standing,))


@functools.cache
def shown(name: str, text: str) -> str:
    return FORMATS[name](hostile_result(text))


class Page(HTMLParser):
    """The tags and addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend((name, value or "") for name, value in attrs)


def test_the_promised_formats_are_registered() -> None:
    assert list(FORMATS.all()) == FORMAT_NAMES


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_every_format_is_printable_and_bounded(name: str, text: str) -> None:
    report = shown(name, text)
    assert not FORBIDDEN.search(report)
    assert name == "json" or len(report.encode()) < 1_000_000


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_every_format_is_the_same_each_time(name: str) -> None:
    result = hostile_result("same")
    assert FORMATS[name](result) == FORMATS[name](result)


@pytest.mark.parametrize("name", FORMAT_NAMES)
@pytest.mark.parametrize("status", list(Status))
def test_every_format_tells_every_status(name: str, status: Status) -> None:
    result = hostile_result("x").model_copy(
        update={"status": status, "verdict": None, "score": None, "checks": (), "phases": ()}
    )
    assert FORMATS[name](result).strip()


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_every_format_says_unofficial_and_who_is_at_fault(name: str) -> None:
    report = shown(name, "process")
    assert re.search("unofficial|official[^a-z]*false", report, re.IGNORECASE)
    assert re.search("not (your|the learner's) fault|fault[^a-z]*lab", report, re.IGNORECASE)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_html_holds_no_tag_or_address_that_came_with_a_text(text: str) -> None:
    page, calm = Page(), Page()
    page.feed(shown("html", text))
    calm.feed(shown("html", "calm"))
    assert set(page.tags) <= set(calm.tags) | {"tspan"}
    assert not {"script", "img", "iframe", "link", "object", "a"} & set(page.tags)
    for name, value in page.attributes:
        assert not name.startswith("on")
        assert name != "src"
        assert name not in ("href", "xlink:href") or value.startswith("#")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_junit_is_xml_with_one_case_a_check(text: str) -> None:
    suite = ET.fromstring(shown("junit", text).encode())[0]  # noqa: S314  (our own)
    cases = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
    assert cases == {
        "one": ["failure"],
        "two": ["skipped"],
        "three": ["error"],
        "four": ["system-out"],
    }
    counts = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["4", "1", "1", "1"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_json_keeps_every_field(text: str) -> None:
    result = hostile_result(text)
    report = FORMATS["json"](result)
    assert report.isascii()
    known = json.loads(report)
    assert set(known) == set(Result.model_fields)
    if text != HOSTILE["half"]:  # half a character has no JSON: it is replaced
        assert Result.model_validate_json(report) == result


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_markdown_shows_a_text_as_text(text: str) -> None:
    report = shown("markdown", text)
    assert "<script" not in report
    assert "<img" not in report
    outside = re.sub("<pre>.*?</pre>", "", report, flags=re.DOTALL)
    for active in ("](http", "](//", "@everyone", "http://", "www.", "\n# ", "```"):
        assert active not in outside
    rows = [line for line in outside.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_coloured_text_has_the_words_of_the_plain_one(text: str) -> None:
    result = hostile_result(text)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured(result))
    assert plain.split() == FORMATS["text"](result).split()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("show", [board_text, board_markdown, board_json])
def test_every_board_is_printable_whoever_is_on_it(show: Callable[[Board], str], text: str) -> None:
    board = show(hostile_board(text))
    assert not FORBIDDEN.search(board)
    assert show is not board_markdown or "<script" not in board
