"""Pictures of benchmarks as SVG: bars of ratios, and a waterfall of where time goes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.measures import Measure

ROW, LEFT, WIDTH, RIGHT, TOP = 20, 330, 420, 90, 30
COLOURS = {"good": "#2a9d8f", "over": "#d1495b", "plain": "#8d99ae"}
FONT = 'font-family="sans-serif" font-size="12"'


@dataclass(frozen=True)
class Span:
    """A stretch of time, in seconds since the command was started; ``kind`` chooses a colour."""

    name: str
    start: float
    end: float
    kind: str = "plain"


def bars(measures: Iterable[Measure]) -> str:
    """Return a bar a ratio, as a share of its limit or of itself; the line is the limit."""
    shown = [each for each in measures if each.unit in ("ratio", "MB")]
    rows, limit_at = [], LEFT + WIDTH // 2
    for place, each in enumerate(shown):
        share = each.value / each.limit if each.limit else 0.5
        colour = COLOURS[{None: "plain", True: "good", False: "over"}[each.within]]
        y, length = TOP + place * ROW, min(WIDTH, share * WIDTH / 2)
        rows.append(_text(8, y + 14, each.name))
        rows.append(_bar(LEFT, y + 3, length, colour))
        rows.append(_text(LEFT + length + 6, y + 14, f"{each.value:.2f} {each.unit}"))
    height = TOP + len(shown) * ROW
    line = f'<path d="M{limit_at} {TOP - 4}V{height}" stroke="#333" stroke-dasharray="3 3"/>'
    head = _text(limit_at - 12, TOP - 10, "limit")
    return _page(height + 10, [head, line, *rows])


def waterfall(title: str, spans: Sequence[Span], marks: Sequence[tuple[str, float]]) -> str:
    """Return a row a span against one axis of seconds; ``marks`` are lines across all of them."""
    whole = max([each.end for each in spans] + [at for _, at in marks])
    scale = WIDTH / whole
    kinds = {each.kind for each in spans} - set(COLOURS)
    colours = COLOURS | dict(zip(sorted(kinds), ("#e9c46a", "#457b9d", "#f4a261"), strict=False))
    rows = [_text(8, 16, title)]
    for place, each in enumerate(spans):
        y = TOP + place * ROW
        rows.append(_text(8, y + 14, each.name))
        length = max(1.0, (each.end - each.start) * scale)
        rows.append(_bar(LEFT + each.start * scale, y + 3, length, colours[each.kind]))
        took = f"{1000 * (each.end - each.start):.0f} ms"
        rows.append(_text(LEFT + each.end * scale + 4, y + 14, took))
    bottom = TOP + len(spans) * ROW
    for place, (name, at) in enumerate(marks):
        x, y = LEFT + at * scale, bottom + 16 + 16 * place
        rows.append(f'<path d="M{x:.1f} {TOP - 4}V{y - 10}" stroke="#333" stroke-dasharray="3 3"/>')
        rows.append(_text(x - 120, y + 2, f"{name}: {at:.2f} s"))
    return _page(bottom + 24 + 16 * len(marks), rows)


def _bar(x: float, y: float, length: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y}" width="{length:.1f}" height="{ROW - 6}" fill="{colour}"/>'


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y}" {FONT}>{escape(text)}</text>'


def _page(height: int, parts: Sequence[str]) -> str:
    size = f'width="{LEFT + WIDTH + RIGHT}" height="{height}"'
    white = '<rect width="100%" height="100%" fill="#fff"/>'
    body = "\n".join((white, *parts))
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n{body}\n</svg>\n'
