"""What a learner may see of evidence from hidden data: nothing that could carry a hidden value.

Whatever learner code prints, raises or names after it was given hidden rows may be those rows.
`labrun check` shows all of it, on public data, so nothing is lost but the leak.
"""

import builtins
import re
from collections.abc import Mapping

from labrun.domain.evidence import Ending, Evidence, LearnerError, PhaseResult, UnitRun
from labrun.domain.notebook import cell_named

WITHHELD = "(withheld, as it could carry hidden data; labrun check shows it on public data)"
# What labrun says of an unusable value, by how it begins: the rest may come from learner code.
SAID = {
    "too large": "too large",
    "cannot send an integer": "an integer of too many digits",
    "cannot send an array": "cannot send an array of that kind",
    "cannot send text": "cannot send text that holds half a character",
    "cannot send": "cannot send a value of that type",
    "a value nested deeper": "nested deeper than is accepted",
    "nested deeper": "nested deeper than is accepted",
    "a reply that": "a reply that does not match the request, or is not a map",
    "an unknown callback": "an unknown callback",
    "the function returned None": "the function returned None",
    "the command wrote no": "the command did not write the file it owes",
    "the command ended with": "the command ended with an error",
}
PLACE = re.compile(r"([^:]+):(\d{1,6})\b")
PLAIN = {
    Ending.CRASHED: "the process ended before it answered",
    Ending.NO_OUTPUT: "nothing was returned",
    Ending.INVALID_OUTPUT: "what was returned cannot be used; labrun check says why",
}


def learners_view(evidence: Evidence, files: Mapping[str, bytes]) -> Evidence:
    """Return the evidence without what learner code said where it saw hidden rows."""
    if evidence.split != "hidden":
        return evidence
    phases = tuple(_phase(each, files) for each in evidence.phases)
    units = tuple(_unit(each) for each in evidence.units)
    variants = tuple(
        each.model_copy(update={"phases": tuple(_phase(phase, files) for phase in each.phases)})
        for each in evidence.variants
    )
    return evidence.model_copy(update={"phases": phases, "units": units, "variants": variants})


def _phase(result: PhaseResult, files: Mapping[str, bytes]) -> PhaseResult:
    if result.order is None:  # it saw public rows alone
        return result
    error = _error(result.error, files) if result.error else None
    detail = f"raised {error.type}" if error else _own_words(result)
    log = WITHHELD if result.log else ""
    return result.model_copy(
        update={"error": error, "detail": detail, "log": log, "exit_code": None}
    )


def _own_words(result: PhaseResult) -> str:
    """Return what went wrong in one of a few fixed sentences."""
    if result.ending not in PLAIN:
        return result.detail
    told = (said for begins, said in SAID.items() if result.detail.startswith(begins))
    return next(told, PLAIN[result.ending])


def _error(error: LearnerError, files: Mapping[str, bytes]) -> LearnerError:
    return LearnerError(
        type=_builtin(error), message=WITHHELD, where=tuple(_places(error.where, files))
    )


def _builtin(error: LearnerError) -> str:
    """Return the builtin class behind an exception: a class of one's own can be named anything."""
    for name in (error.type, *error.kinds):
        kind = getattr(builtins, name, None)
        if isinstance(kind, type) and issubclass(kind, BaseException):
            return name
    return "Exception"


def _places(where: tuple[str, ...], files: Mapping[str, bytes]) -> list[str]:
    """Return the lines that really are in the learner's files, without names of functions."""
    found = []
    for text in where:
        place = PLACE.match(text)
        body = files.get(place[1], cell_named(place[1], files)) if place else None
        if place and body is not None and 0 < int(place[2]) <= body.count(b"\n") + 1:
            found.append(f"{place[1]}:{place[2]}")
    return found


def _unit(run: UnitRun) -> UnitRun:
    results = tuple(each.model_copy(update={"message": ""}) for each in run.results)
    return run.model_copy(update={"results": results})
