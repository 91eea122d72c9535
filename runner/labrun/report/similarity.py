"""How alike submissions are, for a trainer: text for a terminal, and one self-contained page."""

import math
from importlib import resources
from typing import NamedTuple

from labrun.domain.similarity import Comparison, Member, Pair
from labrun.report.printable import cleaned, one_line

MOST_ROWS = 20  # on a terminal
CAPTION = "A hint for a person, no verdict: look at the code of a pair before you think of anybody."


class Bar(NamedTuple):
    """One bar of the distribution; lengths in per cent of the drawing."""

    x: float
    width: float
    height: float
    pairs: int
    low: float
    high: float
    marked: bool


def similarity_text(comparison: Comparison) -> str:
    """Return the most alike pairs in aligned columns, with what is normal for this lab."""
    told = cleaned(comparison)
    lines = [f"similarity {told.lab}   {one_line(told.title, 80)}", summary(told)]
    rows = [_row(told, pair) for pair in told.pairs[:MOST_ROWS]]
    if rows:
        lines += _aligned([["score", "jaccard", "shared", "", ""], *rows])
    if len(told.pairs) > MOST_ROWS:
        lines.append(f"… and {len(told.pairs) - MOST_ROWS} more pairs on the page and with --json")
    lines += [f"not compared: {one_line(each)}" for each in told.left_out]
    lines += [
        f"{name_of(each)}: {one_line(said)}" for each in told.members for said in each.skipped
    ]
    lines.append(CAPTION)
    return "\n".join(lines) + "\n"


def summary(comparison: Comparison) -> str:
    """Return in a sentence how many were compared, and what scores are normal."""
    text = f"{len(comparison.members):,} submissions, {comparison.compared:,} pairs"
    if comparison.median is None or comparison.high is None:
        return f"{text}: nothing to compare"
    return (
        f"{text}; half of them score up to {comparison.median:.2f}, 95 % up to "
        f"{comparison.high:.2f}; {comparison.above:,} reach {comparison.threshold:g}"
    )


def similarity_html(comparison: Comparison) -> str:
    """Return the whole page: no script, nothing fetched, and everything of learners inert text."""
    import jinja2  # noqa: PLC0415  (heavy, and only a page needs it)

    told = cleaned(comparison)
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = resources.files("labrun.report").joinpath("similarity.html").read_text("utf-8")
    return environment.from_string(template).render(
        it=told,
        caption=CAPTION,
        summary=summary(told),
        bars=bars(told),
        name_of=name_of,
        shown=[(number, pair) for number, pair in enumerate(told.pairs, 1) if pair.regions],
    )


def bars(comparison: Comparison) -> list[Bar]:
    """Return the distribution of scores; heights are logarithmic, so that one pair shows."""
    width = 100 / max(len(comparison.histogram), 1)
    most = math.log1p(max(comparison.histogram, default=0)) or 1
    return [
        Bar(
            x=number * width,
            width=width * 0.9,
            height=100 * math.log1p(count) / most,
            pairs=count,
            low=number * width / 100,
            high=(number + 1) * width / 100,
            marked=(number + 1) * width / 100 > comparison.threshold,
        )
        for number, count in enumerate(comparison.histogram)
    ]


def name_of(member: Member) -> str:
    """Return a submission as it is called: the learner, and the id where there is one."""
    name = one_line(member.name, 80)
    return f"{name} ({member.submission})" if member.submission else name


def _row(comparison: Comparison, pair: Pair) -> list[str]:
    sides = (comparison.members[pair.left], comparison.members[pair.right])
    return [
        f"{pair.score:.2f}",
        f"{pair.jaccard:.2f}",
        str(pair.shared),
        *(name_of(each) for each in sides),
    ]


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)) for row in rows)
    return [f"  {line}".rstrip() for line in lines]
