"""The words and numbers that every report format shares."""

import math
from datetime import datetime
from typing import Literal

from labrun.domain.evidence import Ending
from labrun.domain.grade import Estimate, Outcome, Verdict
from labrun.domain.mode import Mode
from labrun.domain.result import AttemptInfo, CheckInfo, PhaseInfo, Result, Status

SIGNS = {Outcome.PASSED: "PASS", Outcome.FAILED: "FAIL", Outcome.SKIPPED: "SKIP"}
ENDINGS = {
    Ending.DONE: "ok",
    Ending.CRASHED: "crashed",
    Ending.TIMED_OUT: "timed out",
    Ending.OUT_OF_MEMORY: "out of memory",
    Ending.NO_OUTPUT: "no output",
    Ending.INVALID_OUTPUT: "invalid output",
    Ending.NOT_RUN: "not run",
}
NOT_GRADED = {
    Status.QUEUED: "waiting for its turn",
    Status.RUNNING: "still running",
    Status.INVALID: "INVALID",
    Status.SYSTEM_ERROR: "SYSTEM ERROR, not your fault",
    Status.CANCELLED: "CANCELLED",
}
PARTS = {
    "feedback": "FEEDBACK: provisional, values in whole standard errors; what counts is graded on "
    "other rows when the lab is closed",
    "final": "FINAL: graded on the rows kept for the close; this is what counts",
}
LOWER = "lower"  # the direction of an estimate of which less is better
MOST_PLACES = 6
SHORT = 6  # characters of an id that are shown


def warnings(result: Result) -> tuple[str, ...]:
    """Return what a reader must know before believing the rest."""
    found = []
    if not result.official:
        found.append(f"UNOFFICIAL ({result.grader.sandbox} sandbox): practice, counts for nothing")
    if result.part != "all":
        found.append(PARTS[result.part])
    if result.split == "public":
        found.append("PUBLIC CHECK: public data only, no attempt spent")
    if result.mode is Mode.EXAM:
        found.append("EXAM: outcomes and points only; labrun check explains, on public data")
    if result.supersedes:
        found.append(f"REGRADED: {_regraded(result)}")
    return tuple(found)


def _regraded(result: Result) -> str:
    """Return what the result replaced, why, and what of it was kept."""
    said = f"replaces the result {result.supersedes}"
    if (again := result.regrade) is None:
        return said
    if again.earlier_verdict and again.earlier_score is not None:
        said += f" ({again.earlier_verdict}, score {points(again.earlier_score)})"
    kept = f"; kept as it was: {', '.join(again.kept)}" if again.kept else ""
    return f"{said}: {again.reason}{kept}"


def headline(result: Result) -> str:
    """Return the outcome in one line, with the reason where it is not a pass."""
    if result.split == "public" and result.status is Status.GRADED:
        return public_summary(result)
    if result.verdict is Verdict.PASSED:
        return "PASSED"
    if result.verdict is Verdict.FAILED:
        return f"FAILED: {_why_failed(result)}"
    words = NOT_GRADED.get(result.status, str(result.status))
    return f"{words}: {result.reason}" if result.reason else words


def mood(result: Result) -> Literal["good", "bad", "odd"]:
    """Return how the headline should look; odd is what was not graded."""
    if result.status is not Status.GRADED:
        return "odd"
    if result.split == "public":
        return "good" if all(check.outcome is Outcome.PASSED for check in result.checks) else "bad"
    return "good" if result.verdict is Verdict.PASSED else "bad"


def public_summary(result: Result) -> str:
    """Return how many public checks passed, and that hidden ones follow."""
    passed = sum(check.outcome is Outcome.PASSED for check in result.checks)
    line = f"{passed} of {plural(len(result.checks), 'public check')} passed"
    if not result.hidden_checks:
        return line
    verb = "runs" if result.hidden_checks == 1 else "run"
    return f"{line}; {plural(result.hidden_checks, 'hidden check')} {verb} at submit"


def _why_failed(result: Result) -> str:
    if result.failed_gates:
        names = ", ".join(f'"{gate}"' for gate in result.failed_gates)
        return f"gate{'s' * (len(result.failed_gates) > 1)} {names}"
    if result.score is not None and result.score < result.pass_score:
        return f"the pass mark is {result.pass_score:g}"
    return result.reason or "see the checks"


def spent(attempt: AttemptInfo) -> str:
    """Return which attempt this was: ``attempt 2 of 5``, or why none was counted."""
    if not attempt.counted:
        return f"not counted: {attempt.why}" if attempt.why else "not counted"
    number = "attempt" if attempt.number is None else f"attempt {attempt.number}"
    return f"{number} of {attempt.max}" if attempt.max else number


def left(attempt: AttemptInfo, received: datetime) -> str:
    """Return what is left and from when: ``3 attempts left, next at 14:30 UTC``."""
    parts = []
    if attempt.left is not None:
        parts.append(f"{plural(attempt.left, 'attempt')} left")
    if attempt.next and attempt.left != 0:
        parts.append(f"next at {moment(attempt.next, received)}")
    return ", ".join(parts)


def need(check: CheckInfo) -> str:
    """Return what the estimate of ``check`` had to reach."""
    estimate = check.estimate
    if estimate is None or estimate.mark is None:
        return ""
    if estimate.full is not None:
        return _ramp(estimate, estimate.full)
    less = less_is_better(estimate)
    met = estimate.value <= estimate.mark if less else estimate.value >= estimate.mark
    bound = f"{'at most' if less else 'at least'} {mark(estimate)}"
    if met and check.outcome is Outcome.FAILED:  # the decision looks at the interval's far end
        return f"needs the whole interval {bound}"
    return f"needs {bound}"


def shown_from(check: CheckInfo) -> str:
    """Return whose value is shown, where it is not this submission's own."""
    if check.shown_from is None:
        return ""
    earlier = check.shown_from[-SHORT:]
    return (
        f"shown is the value of {earlier}: this one is not clearly better, and its own is not told"
    )


def _ramp(estimate: Estimate, top: float) -> str:
    if less_is_better(estimate):
        done, last = estimate.value <= top, f"full marks at {full(estimate)} or less"
        first = f"points below {mark(estimate)}"
    else:
        done, last = estimate.value >= top, f"full marks from {full(estimate)}"
        first = f"points above {mark(estimate)}"
    return last if done else f"{first}, {last}"


def compared(check: CheckInfo) -> str:
    """Return what the lab's own submissions had: ``baseline 0.745, reference 0.844``."""
    if check.estimate is None:
        return ""
    places = _places(check.estimate)
    known = {"baseline": check.baseline, "reference": check.reference}
    return ", ".join(f"{name} {fixed(at, places)}" for name, at in known.items() if at is not None)


def less_is_better(estimate: Estimate) -> bool:
    """Return whether a smaller value is the better one; a ramp says so itself."""
    if estimate.mark is not None and estimate.full is not None:
        return estimate.full < estimate.mark
    return estimate.direction == LOWER


def value(estimate: Estimate) -> str:
    """Return the estimate alone, rounded so that it stays apart from its mark."""
    return fixed(estimate.value, _places(estimate))


def interval(estimate: Estimate) -> str:
    """Return the ends of the interval: ``[0.840, 0.880]``."""
    places = _places(estimate)
    return f"[{fixed(estimate.low, places)}, {fixed(estimate.high, places)}]"


def mark(estimate: Estimate) -> str:
    """Return the mark, rounded like the value."""
    return "" if estimate.mark is None else fixed(estimate.mark, _places(estimate))


def full(estimate: Estimate) -> str:
    """Return where all points are earned, rounded like the value."""
    return "" if estimate.full is None else fixed(estimate.full, _places(estimate))


def _places(estimate: Estimate) -> int:
    """Return how many decimals tell the value from its marks: three digits, more where needed."""
    marks = [mark for mark in (estimate.mark, estimate.full) if mark is not None]
    numbers = [estimate.value, estimate.low, estimate.high, *marks]
    largest = max((abs(number) for number in numbers if math.isfinite(number)), default=0)
    places = 3 if largest < 10 else 2 if largest < 100 else 1 if largest < 1000 else 0  # noqa: PLR2004  (four digits read well)
    while places < MOST_PLACES and any(
        mark != estimate.value and fixed(mark, places) == fixed(estimate.value, places)
        for mark in marks
    ):
        places += 1
    return places


def fixed(number: float, places: int) -> str:
    """Return ``number`` with thousands and so many decimals."""
    if not math.isfinite(number):
        return "not a number" if math.isnan(number) else f"{number}"
    if places and 0 < abs(number) < 0.5 * 10**-places:
        return f"{number:.1e}"
    return f"{number:,.{places}f}"


def points(number: float) -> str:
    """Return points or a score as they count: two decimals at most."""
    return f"{round(number, 2):g}"


def unfinished(check: CheckInfo) -> bool:
    """Return whether there was more to earn, so that a hint helps."""
    return check.outcome is not Outcome.PASSED or check.points < check.of


def earned(check: CheckInfo) -> str:
    """Return ``12/14``, or nothing for a check without points."""
    return f"{points(check.points)}/{points(check.of)}" if check.of else ""


def seconds(duration: float) -> str:
    """Return a duration a person can compare."""
    if duration >= 60:  # noqa: PLR2004  (a minute)
        minutes, rest = divmod(round(duration), 60)
        return f"{minutes} min {rest} s"
    return f"{duration:.1f} s" if duration >= 0.1 else f"{duration * 1000:.0f} ms"  # noqa: PLR2004  (one decimal)


def taken(phase: PhaseInfo) -> str:
    """Return how long a phase took; nothing where it was not run, or where that is withheld."""
    known = phase.seconds is not None and phase.ending is not Ending.NOT_RUN
    return seconds(phase.seconds or 0.0) if known else ""


def size(count: int) -> str:
    """Return a number of bytes: ``18 kB``."""
    if count < 1000:  # noqa: PLR2004  (SI prefix)
        return plural(count, "byte")
    if count < 1_000_000:  # noqa: PLR2004  (SI prefix)
        return f"{count / 1000:.0f} kB"
    return f"{count / 1_000_000:.1f} MB"


def memory(phase: PhaseInfo) -> str:
    """Return the peak against its limit: ``212/1024 MB``."""
    if phase.memory_mb is None:
        return ""
    limit = f"/{phase.memory_limit_mb}" if phase.memory_limit_mb else ""
    return f"{phase.memory_mb:.0f}{limit} MB"


def moment(when: datetime, today: datetime | None = None) -> str:
    """Return a time of day, with its date unless that is the date of ``today``."""
    day = "" if today and today.date() == when.date() else "%Y-%m-%d "
    return f"{when:{day}%H:%M %Z}".strip()


def plural(count: int, noun: str) -> str:
    """Return ``1 file`` or ``3 files``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
