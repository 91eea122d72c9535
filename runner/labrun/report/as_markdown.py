"""For a pull request: a table that GitHub and MLflow render."""

import html
import re

from labrun.domain.evidence import Ending
from labrun.domain.grade import Outcome
from labrun.domain.result import CheckInfo, PhaseInfo, Result, Status
from labrun.report import FORMATS, wording
from labrun.report.printable import cleaned, one_line

SIGNS = {Outcome.PASSED: "✅ pass", Outcome.FAILED: "❌ fail", Outcome.SKIPPED: "⏭ skip"}
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~^$])")
MOST_LOG = 4_000


@FORMATS.register("markdown")
def as_markdown(result: Result) -> str:
    """Return the verdict, the checks, the phases and what went wrong, every text escaped."""
    result = cleaned(result)
    parts = [
        f"### {escaped(_name(result))}: {escaped(wording.headline(result))}",
        *(f"> **{escaped(line)}**" for line in wording.warnings(result)),
        _summary(result),
        _checks(result),
        _phases(result),
        *(_trouble(phase) for phase in result.phases),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str, most: int = 400) -> str:
    """Return ``text`` on one line, so that Markdown shows it as it is.

    Mentions and bare addresses are broken up too: they would call people and make links.
    """
    text = SPECIAL.sub(r"\\\1", html.escape(one_line(text, most), quote=False))
    text = re.sub(r"^(\d*)([-+>=.)])(?=\s|$)", r"\1\\\2", text)
    return text.replace("@", "@\u2060").replace("://", "&#58;//").replace("www.", "www&#46;")


def _name(result: Result) -> str:
    return f"{result.lab.slug} {result.lab.version}"


def _summary(result: Result) -> str:
    parts = []
    if result.score is not None and result.split == "hidden" and result.status is Status.GRADED:
        mark = wording.points(result.pass_score)
        parts.append(f"**{wording.points(result.score)} of 100** (pass mark {mark})")
    parts.append(
        f"submission {escaped(result.submission.id)} of {escaped(result.submission.learner)}"
    )
    parts.append(escaped(wording.spent(result.attempt)))
    parts.append(wording.left(result.attempt, result.submission.received))
    return " · ".join(part for part in parts if part)


def _checks(result: Result) -> str:
    if not result.checks:
        return ""
    head = ["|  | check | found | needed | points |", "|---|---|---|---|--:|"]
    return "\n".join([*head, *map(_check, result.checks)])


def _check(check: CheckInfo) -> str:
    estimate = check.estimate
    found = [escaped(check.rationale)]
    if estimate:
        name, number = escaped(estimate.metric, 40), f"**{wording.value(estimate)}**"
        measured = f"{name} {number} {wording.interval(estimate)}, n {estimate.n:,}"
        found = [measured] if check.outcome is Outcome.PASSED else [measured, *found]
        if earlier := wording.shown_from(check):
            found.append(escaped(earlier))
        if known := wording.compared(check):
            found.append(f"on the same rows: {known}")
    if check.help and wording.unfinished(check):
        found.append(f"_Hint: {escaped(check.help)}_")
    if check.fault and check.fault != "learner":
        found.append(f"**Not your fault: the {check.fault} is to blame.**")
    name = escaped(check.title or check.id) + (" (gate)" if check.gate else "")
    cells = [SIGNS[check.outcome], name, "<br>".join(found), wording.need(check)]
    return f"| {' | '.join([*cells, wording.earned(check)])} |"


def _phases(result: Result) -> str:
    if not result.phases:
        return ""
    head = ["| phase | ending | time | memory | rows |", "|---|---|--:|--:|--:|"]
    return "\n".join([*head, *map(_phase, result.phases)])


def _phase(phase: PhaseInfo) -> str:
    taken = wording.taken(phase)
    rows = "" if phase.rows is None else f"{phase.rows:,}"
    ending = wording.ENDINGS[phase.ending]
    return f"| {escaped(phase.name)} | {ending} | {taken} | {wording.memory(phase)} | {rows} |"


def _trouble(phase: PhaseInfo) -> str:
    """Return the error and the log of a phase that did not end well, as text that stays text."""
    if phase.ending is Ending.DONE:
        return ""
    lines = [phase.detail] if phase.detail else []
    if phase.error:
        lines.append(f"{phase.error.type}: {phase.error.message}")
        lines.extend(f"  at {place}" for place in phase.error.where)
    lines.extend([phase.log[-MOST_LOG:]] if phase.log else [])
    if not lines:
        return ""
    body = html.escape("\n".join(lines)).replace("@", "@\u2060")
    head = f"<details><summary>{phase.name}: {wording.ENDINGS[phase.ending]}</summary>"
    # Without the empty line an empty line of the log would end the block, and Markdown resume.
    return f"{head}\n\n<pre>{body}</pre>\n\n</details>"
