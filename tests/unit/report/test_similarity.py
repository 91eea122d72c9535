import html
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from labrun.domain.similarity import Comparison, Excerpt, Line, Member, Pair, Region
from labrun.report.similarity import bars, similarity_html, similarity_text

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><a href='javascript:x'>{{ 7*7 }}"
)
MADE = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def excerpt(path: str = "a.py", text: str = "x = 1", left_out: int = 0) -> Excerpt:
    lines = (Line(number=7, text=text, shared=True), Line(number=8, text="# why", shared=False))
    return Excerpt(path=path, lines=lines, left_out=left_out)


def pair(score: float, *regions: Region, right: int = 1) -> Pair:
    return Pair(left=0, right=right, score=score, jaccard=score / 2, shared=31, regions=regions)


def comparison(*pairs: Pair, **fields: object) -> Comparison:
    plain = {
        "lab": "c02",
        "title": "A lab",
        "made": MADE,
        "threshold": 0.5,
        "members": (Member(name="ada", submission="abc123", own=40), Member(name="ben", own=50)),
        "pairs": pairs,
        "compared": 3,
        "above": 1,
        "histogram": (2, 0, 0, 1),
        "median": 0.1,
        "high": 0.7,
        "common": 4,
    }
    return Comparison.model_validate(plain | fields)


@pytest.fixture
def hostile() -> Comparison:
    region = Region(
        tokens=20,
        left=excerpt(HOSTILE, HOSTILE, 3),
        right=excerpt("b.py", f"y = '{HOSTILE}'\x1b[2J"),
    )
    return comparison(
        pair(0.9, region),
        title=HOSTILE,
        members=(Member(name=HOSTILE, own=1, skipped=(HOSTILE,)), Member(name="b\u202een", own=2)),
        left_out=(HOSTILE,),
    )


class Page(HTMLParser):
    """What a browser would make of a page: elements, their attributes and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_learners_wrote_is_inert_text_on_the_page(hostile: Comparison) -> None:
    body = similarity_html(hostile)
    page = Page(body)
    assert not {"script", "img", "iframe", "object", "embed", "form", "link"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert {value for name, value in page.attributes if name == "href"} == {"#pair-1"}
    assert not [name for name, _ in page.attributes if name in ("src", "srcset", "action")]
    assert page.text.count("<script>alert(1)</script>") >= 6
    assert "{{ 7*7 }}" in page.text  # and no template of its own
    assert "\x1b" not in body
    assert "\u202e" not in body


def test_the_page_forbids_itself_scripts_and_fetches(hostile: Comparison) -> None:
    body = similarity_html(hostile)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', body)
    assert policy is not None
    assert "default-src 'none'" in html.unescape(policy[1])
    assert "script-src" not in policy[1]
    assert not re.search(r"https?://|url\(|@import", body)


def test_shared_lines_are_marked_and_numbered_side_by_side() -> None:
    region = Region(tokens=20, left=excerpt(), right=excerpt("work.py", "y = 2", 12))
    body = similarity_html(comparison(pair(0.9, region)))
    assert body.count('<tr class="shared"><td class="at">7</td>') == 2
    assert '<tr><td class="at">8</td><td># why</td></tr>' in body
    assert "12 more lines" in body
    assert body.index("x = 1") < body.index("y = 2")


def test_the_page_says_that_it_is_a_hint_and_what_is_normal() -> None:
    text = Page(similarity_html(comparison(pair(0.9)))).text
    assert "no verdict" in text
    assert "for trainers: this page names learners" in text
    assert "half of them score up to 0.10, 95 % up to 0.70; 1 reach 0.5" in text
    assert "4 fingerprints that more than two thirds of the learners have" in text


def test_a_pair_without_code_has_no_link() -> None:
    region = Region(tokens=20, left=excerpt(), right=excerpt())
    body = similarity_html(comparison(pair(0.9, region), pair(0.2)))
    assert body.count(">code</a>") == 1


def test_nothing_to_compare_is_a_page_too() -> None:
    nothing = comparison(members=(), compared=0, above=0, histogram=(0,), median=None, high=None)
    assert "nothing to compare" in similarity_html(nothing)
    assert "nothing to compare" in similarity_text(nothing)


def test_bars_grow_with_the_logarithm_and_are_marked_above_the_threshold() -> None:
    drawn = bars(comparison(histogram=(9999, 9, 0, 1)))
    assert [round(bar.height) for bar in drawn] == [100, 25, 0, 8]
    assert [bar.marked for bar in drawn] == [False, False, True, True]
    assert [bar.pairs for bar in drawn] == [9999, 9, 0, 1]


def test_the_text_ranks_pairs_and_names_what_was_not_compared() -> None:
    text = similarity_text(
        comparison(
            pair(0.934),
            members=(
                Member(name="ada", submission="abc123", own=40, skipped=("a.py: too long",)),
                Member(name="b\nen\x1b[31m", own=50),
            ),
            left_out=("cleo: no file",),
        )
    )
    assert "  0.93   0.47     31      ada (abc123)  b en\n" in text
    assert "not compared: cleo: no file\n" in text
    assert "ada (abc123): a.py: too long\n" in text
    assert text.endswith("think of anybody.\n")


def test_the_text_is_short_and_says_how_much_more_there_is() -> None:
    text = similarity_text(comparison(*[pair(0.9) for _ in range(25)]))
    assert text.count("ada (abc123)") == 20
    assert "… and 5 more pairs" in text
