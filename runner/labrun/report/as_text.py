"""For a terminal."""

import textwrap
from collections.abc import Callable, Sequence

from labrun.domain.evidence import Ending
from labrun.domain.grade import Estimate, Fault, Outcome
from labrun.domain.result import CheckInfo, PhaseInfo, Result, Status
from labrun.report import FORMATS, wording
from labrun.report.printable import cleaned, one_line

Paint = Callable[[str, str], str]

CODES = {"good": "32", "bad": "31", "odd": "33", "pale": "2", "loud": "1;33", "bold": "1"}
COLOURS = {Outcome.PASSED: "good", Outcome.FAILED: "bad", Outcome.SKIPPED: "pale"}
LOG_LINES = 20
WIDEST = 60
INDENT = " " * 10


@FORMATS.register("text")
def as_text(result: Result) -> str:
    """Return the phases, the checks and the verdict in aligned columns."""
    return _page(cleaned(result), _plain)


def coloured(result: Result) -> str:
    """Return the same lines as `as_text`, with the colours of a terminal."""
    return _page(cleaned(result), _ansi)


def _plain(text: str, _: str) -> str:
    return text


def _ansi(text: str, style: str) -> str:
    return f"\x1b[{CODES[style]}m{text}\x1b[0m" if text else text


def _page(result: Result, paint: Paint) -> str:
    lines = [_title(result), *(paint(one_line(line), "loud") for line in wording.warnings(result))]
    lines.extend(_phases(result, paint))
    lines.extend(_checks(result.checks, paint))
    lines.append(_verdict(result, paint))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _title(result: Result) -> str:
    sent, attempt = result.submission, one_line(wording.spent(result.attempt))
    files = f"{wording.plural(len(sent.files), 'file')}, {wording.size(sent.bytes)}"
    lab = f"lab {result.lab.slug} {one_line(result.lab.version, 40)}"
    return f"{lab}   submission {one_line(sent.id, 40)} ({files})   {attempt}"


def _phases(result: Result, paint: Paint) -> list[str]:
    rows = [_phase_cells(phase) for phase in result.phases]
    lines = []
    for phase, (name, ending, *rest) in zip(result.phases, _aligned(rows), strict=True):
        style = "good" if phase.ending is Ending.DONE else "bad"
        lines.append("  " + _joined([name, paint(ending, style), *rest]))
        lines.extend(paint(INDENT + each, "pale") for each in _trouble(phase, result.split))
    return lines


def _phase_cells(phase: PhaseInfo) -> list[str]:
    cpu = "" if phase.cpu_seconds is None else f"cpu {wording.seconds(phase.cpu_seconds)}"
    memory = wording.memory(phase)
    rows = "" if phase.rows is None else wording.plural(phase.rows, "row")
    taken = wording.taken(phase)
    used = f"memory {memory}" if memory else ""
    return [phase.name, wording.ENDINGS[phase.ending], taken, cpu, used, rows]


def _trouble(phase: PhaseInfo, split: str) -> list[str]:
    """Return what went wrong in a phase, and its log where the learner is meant to read it."""
    lines = phase.detail.splitlines()
    if phase.error:
        lines.append(one_line(f"{phase.error.type}: {phase.error.message}"))
        lines.extend(f"  at {one_line(place, 120)}" for place in phase.error.where)
    if phase.log and (split == "public" or phase.ending is not Ending.DONE):
        log = phase.log.splitlines()
        head = [f"… {wording.plural(len(log) - LOG_LINES, 'line')} above"]
        lines.extend(head if len(log) > LOG_LINES else [])
        lines.extend(f"| {line}" for line in log[-LOG_LINES:])
    return lines


def _checks(checks: Sequence[CheckInfo], paint: Paint) -> list[str]:
    rows = _aligned([_check_cells(check) for check in checks])
    lines = []
    for check, row in zip(checks, rows, strict=True):
        lines.append(
            f"  {paint(wording.SIGNS[check.outcome], COLOURS[check.outcome])}  {_joined(row)}"
        )
        if check.estimate and check.outcome is not Outcome.PASSED:
            lines.append(INDENT + one_line(check.rationale))
        if earlier := wording.shown_from(check):
            lines.append(paint(f"{INDENT}{one_line(earlier)}", "pale"))
        if known := wording.compared(check):
            lines.append(paint(f"{INDENT}on the same rows: {known}", "pale"))
        if check.fault in (Fault.LAB, Fault.PLATFORM):
            lines.append(paint(f"{INDENT}not your fault: the {check.fault} is to blame", "loud"))
        if check.help and wording.unfinished(check):
            hint = textwrap.indent(check.help.strip(), f"{INDENT}      ").strip()
            lines.extend(paint(line, "bold") for line in f"{INDENT}hint: {hint}".splitlines())
    return lines


def _check_cells(check: CheckInfo) -> list[str]:
    need = f"{wording.need(check)}  {'(gate)' if check.gate else ''}".strip()
    found = _found(check.estimate) if check.estimate else one_line(check.rationale)
    return [check.id, wording.earned(check), found, need]


def _found(estimate: Estimate) -> str:
    measured = f"{wording.value(estimate)} {wording.interval(estimate)}"
    return f"{one_line(estimate.metric, 40)} {measured}  n {estimate.n:,}"


def _verdict(result: Result, paint: Paint) -> str:
    head = paint(one_line(wording.headline(result)), wording.mood(result))
    if result.split == "public" or result.status is not Status.GRADED or result.score is None:
        score = ""
    else:
        score = f"score {wording.points(result.score)} of 100"
    left = wording.left(result.attempt, result.submission.received)
    return "   ".join(part for part in (score, head, left) if part)


def _aligned(rows: Sequence[list[str]]) -> list[list[str]]:
    """Return rows padded so that columns line up; one very long cell does not push the others."""
    if not rows:
        return []
    columns = zip(*rows, strict=True)
    widths = [min(WIDEST, max(len(cell) for cell in column)) for column in columns]
    return [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]


def _joined(cells: Sequence[str]) -> str:
    return "  ".join(cell for cell in cells if cell)  # a column empty in every row takes no room
