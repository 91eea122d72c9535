"""The plots of a result as pictures: SVG for a page, PNG for a file."""

import io
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from labrun.domain.grade import Plot
from labrun.domain.result import Result
from labrun.report.drawings import DRAWINGS, BadPlotError, Palette
from labrun.report.printable import cleaned, one_line

# Stand-ins that no drawing uses otherwise; the page's own colours, light or dark, replace them.
PAGE = Palette(ink="#010203", pale="#010204", one="#010205", two="#010206")
VARIABLES = {
    PAGE.ink: "var(--ink)",
    PAGE.pale: "var(--soft)",
    PAGE.one: "var(--one)",
    PAGE.two: "var(--two)",
}
PAPER = Palette(ink="#1a1f29", pale="#5a6472", one="#0072b2", two="#d55e00")  # Okabe and Ito 2008
INCHES = (5.0, 4.0)
NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}
MATPLOTLIB = threading.Lock()  # its settings belong to the process


@dataclass(frozen=True)
class Picture:
    """One drawn plot: ``svg`` takes its colours from the page it stands in."""

    id: str
    title: str
    description: str
    svg: str


@dataclass(frozen=True)
class Missing:
    """A plot that could not be drawn, as a sentence."""

    id: str
    sentence: str


def pictures(result: Result) -> list[Picture | Missing]:
    """Return every plot of ``result``; one that cannot be drawn is a sentence, not an error."""
    return [_picture(plot) for plot in _distinct(cleaned(result))]


def plots_png(result: Result) -> dict[str, bytes]:
    """Return the plots that can be drawn, by file name: ``{"roc.png": b"…"}``."""
    found = {}
    for plot in _distinct(cleaned(result)):
        try:
            found[f"{plot.id}.png"] = _saved(plot, PAPER, "png", plot.title)[0]
        except BadPlotError:
            continue  # the HTML report has the sentence
    return found


def _distinct(result: Result) -> list[Plot]:
    return list({plot.id: plot for plot in result.plots}.values())


def _picture(plot: Plot) -> Picture | Missing:
    title = one_line(plot.title, 80) or plot.id
    try:
        body, description = _saved(plot, PAGE, "svg", "")
    except BadPlotError as error:
        return Missing(plot.id, f"The plot “{title}” is left out: {error}.")
    return Picture(plot.id, title, description, _inline(body.decode(), f"plot-{plot.id}"))


def _saved(plot: Plot, palette: Palette, kind: str, title: str) -> tuple[bytes, str]:
    if plot.kind not in DRAWINGS:
        msg = f"there is no drawing of kind {one_line(plot.kind, 40)!r}"
        raise BadPlotError(msg)
    with _settings(palette):
        from matplotlib.figure import Figure  # noqa: PLC0415  (heavy, and read under the settings)

        figure = Figure(figsize=INCHES, layout="tight")
        axes = figure.add_subplot()
        axes.set_xlabel(one_line(plot.x_label, 60))
        axes.set_ylabel(one_line(plot.y_label, 60))
        axes.set_title(one_line(title, 60))
        description = DRAWINGS[plot.kind](axes, plot, palette)
        file = io.BytesIO()
        extra: dict[str, Any] = {"metadata": NO_METADATA} if kind == "svg" else {"dpi": 150}
        figure.savefig(file, format=kind, transparent=kind == "svg", **extra)
    return file.getvalue(), description


@contextmanager
def _settings(palette: Palette) -> Iterator[None]:
    import matplotlib as mpl  # noqa: PLC0415  (heavy)

    coloured = ("text.color", "axes.labelcolor", "xtick.color", "ytick.color")
    settings: dict[Any, Any] = dict.fromkeys(coloured, palette.ink)
    settings |= {
        "axes.edgecolor": palette.pale,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "font.size": 11,
        "legend.frameon": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "labrun",
        "text.parse_math": False,
    }
    with MATPLOTLIB, mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()  # a matplotlibrc of this machine must not change a report
        mpl.rcParams.update(settings)
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        warnings.filterwarnings("ignore", ".*[Tt]ight layout not applied", UserWarning)
        yield


def _inline(svg: str, name: str) -> str:
    """Return the ``svg`` element alone, its colours and ids fit for a page with other pictures."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(
        r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", "", svg, flags=re.DOTALL
    )
    svg = re.sub(r' (?:xmlns(?::\w+)?|version|width|height)="[^"]*"', "", svg, count=5)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'xlink:href="#|(?<= )href="#', f'href="#{name}-', svg)
    svg = svg.replace("url(#", f"url(#{name}-")
    for stand_in, variable in VARIABLES.items():
        svg = svg.replace(stand_in, variable)
    return svg.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)
