"""A calibration as a page: each mark between what it must keep out and the reference."""

from html import escape

from labrun.domain.calibration import SOLUTION, Calibration, MarkReport, Spread
from labrun.report.calibration import calibration_text, distances, proposal, question, said, spread

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1f29; background: #fff; --one: #0072b2; --two: #d55e00; --soft: #5a6472; }
@media (prefers-color-scheme: dark) { body { color: #e8eaee; background: #15181d;
  --one: #56b4e9; --two: #e69f00; --soft: #9aa4b2; } }
svg { width: 100%; height: auto; } svg text { fill: currentColor; font-size: 12px; }
.soft { color: var(--soft); } .bad { color: var(--two); font-weight: 600; }
pre { overflow: auto; font-size: .8rem; }
"""
WIDTH, MARGIN = 640, 40
CURVE = 130  # height of the curve of P(pass)


def calibration_html(made: Calibration) -> str:
    """Return the calibration as one self-contained page, without script; nothing is fetched."""
    title = escape(f"{made.lab} {made.version}: calibration")
    body = "".join(_mark(made, mark) for mark in made.marks)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<h1>{title}</h1>{body}<h2>All numbers</h2>"
        f"<pre>{escape(calibration_text(made))}</pre></html>\n"
    )


def _mark(made: Calibration, mark: MarkReport) -> str:
    reference = made.spread(SOLUTION, mark.check)
    low = made.spread(mark.against, mark.check)
    if reference is None or low is None:
        return ""
    sign = "the marks are clear" if mark.agrees else "the marks are not clear"
    tone = "soft" if mark.agrees else "bad"
    problems = "".join(f'<p class="bad">{escape(each)}</p>' for each in mark.problems)
    return (
        f"<h2>{escape(mark.check)}: {escape(mark.metric)}, {mark.direction} is better</h2>"
        f'<p class="{tone}">{escape(said(mark.marks))}: {sign}; {escape(distances(mark))}</p>'
        f"{problems}{_picture(mark, reference, low)}"
        f'<p class="soft">reference {escape(spread(reference))}<br>'
        f"{escape(mark.against)} {escape(spread(low))}<br>{escape(proposal(mark))}</p>"
        f"<p>{escape(question(mark))}</p>{_curve(mark)}"
    )


class _Axis:
    """Numbers to pixels, better to the right."""

    def __init__(self, numbers: list[float], *, up: bool) -> None:
        self._low, self._high = min(numbers), max(numbers)
        self._up = up

    def at(self, number: float) -> float:
        part = (number - self._low) / ((self._high - self._low) or 1)
        return round(MARGIN + (part if self._up else 1 - part) * (WIDTH - 2 * MARGIN), 1)


def _picture(mark: MarkReport, reference: Spread, low: Spread) -> str:
    ends = [mark.marks.first, mark.marks.last]
    for each in (reference, low):
        ends += [each.mean - 2 * each.total, each.mean + 2 * each.total]
    axis = _Axis(ends, up=mark.direction == "higher")
    lines = [
        _control(axis, low, 30, "var(--two)", mark.against),
        _control(axis, reference, 60, "var(--one)", "reference"),
    ]
    lines += [_upright(axis, end) for end in dict.fromkeys((mark.marks.first, mark.marks.last))]
    label = escape(distances(mark), quote=True)
    return f'<svg viewBox="0 0 {WIDTH} 100" role="img" aria-label="{label}">{"".join(lines)}</svg>'


def _control(axis: _Axis, found: Spread, y: int, colour: str, name: str) -> str:
    one, two = (axis.at(found.mean + errors * found.total) for errors in (-2, 2))
    middle = axis.at(found.mean)
    return (
        f'<line x1="{one}" x2="{two}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="5"/>'
        f'<circle cx="{middle}" cy="{y}" r="6" fill="{colour}"/>'
        f'<text x="{middle}" y="{y - 11}" text-anchor="middle">'
        f"{escape(name)} {found.mean:.4g} ± 2 SE</text>"
    )


def _upright(axis: _Axis, mark: float) -> str:
    x = axis.at(mark)
    return (
        f'<line x1="{x}" x2="{x}" y1="8" y2="78" stroke="currentColor" stroke-dasharray="4 3"/>'
        f'<text x="{x}" y="94" text-anchor="middle">{mark:g}</text>'
    )


def _curve(mark: MarkReport) -> str:
    if not mark.curve:
        return ""
    axis = _Axis([point.true for point in mark.curve], up=mark.direction == "higher")
    places = [(axis.at(each.true), round(15 + (1 - each.p) * 80, 1), each) for each in mark.curve]
    line = " ".join(f"{x},{y}" for x, y, _ in places)
    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="4" fill="var(--one)"/>'
        f'<text x="{x}" y="{y - 7}" text-anchor="middle">{each.p:.0%}</text>'
        f'<text x="{x}" y="{CURVE - 12}" text-anchor="middle">{each.true:.4g}</text>'
        for x, y, each in places
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {CURVE}" role="img" aria-label="probability by true value">'
        f'<polyline points="{line}" fill="none" stroke="var(--one)" stroke-width="2"/>{dots}</svg>'
    )
