"""For a browser: one self-contained page, no script, nothing fetched."""

from importlib import resources

from labrun.domain.evidence import Ending
from labrun.domain.grade import Outcome
from labrun.domain.result import Result, Status
from labrun.report import FORMATS, pictograms, plots, wording
from labrun.report.printable import cleaned

MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.SKIPPED: "○"}


@FORMATS.register("html")
def as_html(result: Result) -> str:
    """Return the whole page; it reads on a phone, on paper, in the dark and by a screen reader."""
    import jinja2  # noqa: PLC0415  (heavy, and only a page needs it)

    result = cleaned(result)
    drawn = plots.pictures(result)
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = resources.files("labrun.report").joinpath("report.html").read_text("utf-8")
    return environment.from_string(template).render(
        result=result,
        wording=wording,
        mood=wording.mood(result),
        intervals={
            check.id: pictograms.interval(check.estimate, check.baseline, check.reference)
            for check in result.checks
            if check.estimate
        },
        bars=pictograms.waterfall(result.phases),
        pictures=[picture for picture in drawn if isinstance(picture, plots.Picture)],
        missing=[picture for picture in drawn if isinstance(picture, plots.Missing)],
        marks=MARKS,
        done=Ending.DONE,
        passed=Outcome.PASSED,
        graded=Status.GRADED,
    )
