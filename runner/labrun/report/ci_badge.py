"""A badge of a pull request's grade: JSON for a shields endpoint, and a picture of its own."""

import html
import json

from labrun.domain.ci_report import BROKEN, FAILED, PASSED, REFUSED, Report, verdict_line

LABEL = "labrun"
COLOURS = {PASSED: "brightgreen", FAILED: "red", REFUSED: "orange", BROKEN: "lightgrey"}
FILLS = {"brightgreen": "#3c8700", "red": "#c0392b", "orange": "#b35900", "lightgrey": "#6b6b6b"}
OTHER = "orange"
LETTER, MARGIN = 7, 10  # pixels of a letter of 11 pixels' height, and beside the text

PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{alt}">
<title>{alt}</title>
<rect width="{left}" height="20" fill="#444"/>
<rect x="{left}" width="{right}" height="20" fill="{fill}"/>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{at_left}" y="14">{label}</text>
<text x="{at_right}" y="14">{message}</text>
</g>
</svg>
"""


def endpoint(report: Report) -> str:
    """Return what a shields server is given to draw, by its schema of version 1."""
    told = {
        "schemaVersion": 1,
        "label": LABEL,
        "message": message(report),
        "color": _colour(report),
    }
    return json.dumps(told) + "\n"


def picture(report: Report) -> str:
    """Return the badge as SVG, without a script and without anything fetched."""
    text = message(report)
    left, right = (len(each) * LETTER + MARGIN for each in (LABEL, text))
    return PICTURE.format(
        width=left + right,
        left=left,
        right=right,
        at_left=left / 2,
        at_right=left + right / 2,
        fill=FILLS[_colour(report)],
        label=LABEL,
        message=html.escape(text),
        alt=html.escape(f"{LABEL}: {text}"),
    )


def message(report: Report) -> str:
    """Return the outcome in a few words."""
    if report.pull.refused:
        return "refused"
    if len(report.rows) == 1:
        return verdict_line(report.rows[0])
    if not report.rows:
        return "nothing to grade"
    passed = sum(row.code == PASSED for row in report.rows)
    return f"{passed} of {len(report.rows)} passed"


def _colour(report: Report) -> str:
    return COLOURS.get(report.code, OTHER)
