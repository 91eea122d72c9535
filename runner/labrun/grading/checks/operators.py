"""Is the model made of the operators that the device has?"""

from typing import Any

from pydantic import Field

from labrun import wire
from labrun.domain.grade import Finding, Outcome
from labrun.domain.lab import Lab
from labrun.grading.check import Case, check, failed
from labrun.grading.options import OptionError, Options, known_phase

SHOWN = 5
LONG = 80


class OperatorsOptions(Options):
    """Which operators a model may hold, custom ones as `domain:name`; by default any standard."""

    phase: str | None = None
    allow: tuple[str, ...] | None = Field(default=None, min_length=1)

    def fit(self, lab: Lab) -> None:
        """See `Options.fit`."""
        name = self.of(lab)
        if not any(each.open and not each.input for each in lab.phases if each.name == name):
            msg = f"phase {name!r} does not say what a model holds"
            raise OptionError(msg, field="phase", help="such a phase has `open`, and no `input`")

    def phases(self, lab: Lab) -> tuple[str, ...]:
        """See `Options.phases`."""
        return (self.of(lab),)

    def of(self, lab: Lab) -> str:
        """Return the phase that opened the model to look at it."""
        if self.phase:
            known_phase(lab, self.phase)
            return self.phase
        found = [each.name for each in lab.phases if each.open and not each.input]
        if not found:
            msg = "the lab has no phase that says what a model holds"
            raise OptionError(msg, field="phase", help="add one with `open`, and no `input`")
        return found[0]


@check("operators", OperatorsOptions)
def operators(options: OperatorsOptions, case: Case) -> Finding:
    """Pass when every node of the model, in functions and inner graphs too, is allowed."""
    try:
        counts = _counts(case.values(options.of(case.lab)))
    except wire.WireError as error:
        return failed(str(error))
    if not counts:
        return failed("the model holds no operators, or did not say which")
    wrong = sorted(name for name in counts if not _allowed(name, options.allow))
    if wrong:
        named = ", ".join(ascii(name[:LONG])[1:-1] for name in wrong[:SHOWN])
        allowed = ", ".join(options.allow) if options.allow else "all of ONNX, no custom ones"
        said = f"{len(wrong)} operators are not allowed: {named}"
        return failed(said, help=f"allowed: {allowed}")
    total = sum(counts.values())
    said = f"{total:,} nodes of {len(counts)} operators, all of them allowed"
    return Finding(outcome=Outcome.PASSED, rationale=said, share=1)


def _allowed(name: str, allow: tuple[str, ...] | None) -> bool:
    return ":" not in name if allow is None else name in allow


def _counts(value: Any) -> dict[str, int]:
    """Return how often each operator stands in the model; empty where it was not said so."""
    found = value.get("operators") if isinstance(value, dict) else None
    if not isinstance(found, dict):
        return {}
    counts = {name: count for name, count in found.items() if isinstance(name, str)}
    whole = all(type(count) is int and count > 0 for count in counts.values())
    return counts if whole and len(counts) == len(found) else {}
