"""A pull request's report as Markdown: the step summary, and the comment that is kept current."""

from collections.abc import Callable

from labrun.domain.ci_report import PASSED, Graded, Report, verdict_line
from labrun.domain.pull_request import Problem
from labrun.report.as_markdown import as_markdown, escaped
from labrun.report.printable import one_line

MARKER = "<!-- labrun-ci: this comment is kept current by labrun ci post -->"
MOST_PROBLEMS = 50
MOST_SUMMARY = 900_000  # bytes; GitHub takes a mebibyte a step
MOST_COMMENT = 60_000  # characters and bytes; GitHub takes 65,536 characters
SHORT = 12
FAINT = (
    "The clone did not hold where the pull request began, so its changes were counted from the tip "
    "of the base."
)


def summary(report: Report) -> str:
    """Return the table of folders, then each result with intervals and hints."""
    return _within(MOST_SUMMARY, report)


def comment(report: Report) -> str:
    """Return the same for a comment, which begins with the marker it is found again by."""
    return f"{MARKER}\n{_within(MOST_COMMENT, report)}"


def _within(most: int, report: Report) -> str:
    whole = _text(report, _detail)
    if len(whole.encode()) <= most:
        return whole
    return f"{_text(report, lambda _row: '')}\nThe details are too long to be shown here.\n"


def _text(report: Report, detail: Callable[[Graded], str]) -> str:
    parts = [
        f"## labrun: {escaped(report.headline)}",
        _commits(report),
        _problems(report),
        _table(report),
        "" if report.pull.exact else FAINT,
        *(detail(row) for row in report.rows),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _commits(report: Report) -> str:
    pull, done = report.pull, "graded" if report.kind == "grade" else "checked"
    told = f"commit `{pull.head[:SHORT]}` {done} with the labs of `{pull.trusted[:SHORT]}`"
    if report.kind == "check":
        told += "; public checks only, no attempt spent, and no mark"
    return told


def _problems(report: Report) -> str:
    problems = report.pull.problems
    if not problems:
        return ""
    head = "| path | what is wrong | what to do |\n|---|---|---|"
    lines = [
        "Nothing was run: this pull request changes what it may not.",
        "\n".join([head, *map(_problem, problems[:MOST_PROBLEMS])]),
    ]
    if (more := len(problems) - MOST_PROBLEMS) > 0:
        lines.append(f"and {more:,} more")
    return "\n\n".join(lines)


def _problem(problem: Problem) -> str:
    cells = (_path(problem.path), escaped(problem.says), escaped(problem.help))
    return f"| {' | '.join(cells)} |"


def _table(report: Report) -> str:
    if not report.rows:
        return ""
    head = "|  | folder | lab | learner | result |\n|---|---|---|---|---|"
    return "\n".join([head, *map(_row, report.rows)])


def _row(row: Graded) -> str:
    sign = "✅" if row.code == PASSED else "❌"
    said = [escaped(verdict_line(row))]
    if row.earlier:
        said.append("the same files were graded before: the earlier result, nothing spent")
    if row.error:
        said.append(escaped(row.error))
    if row.help:
        said.append(f"_{escaped(row.help)}_")
    work = row.work
    cells = (sign, _path(work.folder or "."), work.lab, escaped(work.learner), "<br>".join(said))
    return f"| {' | '.join(cells)} |"


def _detail(row: Graded) -> str:
    if row.result is None:
        return ""
    head = f"<details><summary>{row.work.lab}: checks, phases and hints</summary>"
    return f"{head}\n\n{as_markdown(row.result)}\n</details>"


def _path(path: str) -> str:
    return escaped(one_line(path, 200))
