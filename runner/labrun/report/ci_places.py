"""Find the line of the learner's source that a result is about."""

import ast
import re
from collections.abc import Iterator, Mapping

from labrun.domain.ci_report import Note
from labrun.domain.evidence import Ending
from labrun.domain.grade import Outcome
from labrun.domain.lab import Lab
from labrun.domain.result import CheckInfo, PhaseInfo, Result, Status
from labrun.domain.syntax import tree_of
from labrun.report import wording
from labrun.report.printable import one_line

PLACE = re.compile(r"(?P<path>[A-Za-z0-9_][\w./-]*\.py):(?P<line>\d{1,7})")
CONTRACT = "schema"  # the check type that says whether what came back has the right form


def notes_of(result: Result, lab: Lab, folder: str, files: Mapping[str, bytes]) -> tuple[Note, ...]:
    """Return what can be shown beside a line: syntax errors, crashes and broken contracts.

    ``files`` are the learner's by path in ``folder``. Says no more than the result does.
    """
    found = [*_of_reason(result, files)]
    for phase in result.phases:
        found += _of_phase(phase, lab, files)
    for check in result.checks:
        found += _of_contract(check, lab, files)
    start = f"{folder}/" if folder else ""
    notes = (each.model_copy(update={"path": f"{start}{each.path}"}) for each in found)
    return tuple(dict.fromkeys(notes))


def _of_reason(result: Result, files: Mapping[str, bytes]) -> Iterator[Note]:
    if result.status is not Status.INVALID:
        return
    place = PLACE.match(result.reason)
    if place and place["path"] in files:
        says = result.reason[place.end() :].lstrip(": ")
        yield _note(place["path"], int(place["line"]), "not valid Python", says)


def _of_phase(phase: PhaseInfo, lab: Lab, files: Mapping[str, bytes]) -> Iterator[Note]:
    if phase.ending in (Ending.DONE, Ending.NOT_RUN):
        return
    title = f"phase {phase.name}: {wording.ENDINGS[phase.ending]}"
    said = f"{phase.error.type}: {phase.error.message}" if phase.error else phase.detail
    for text in reversed(phase.error.where if phase.error else ()):
        place = PLACE.match(text)
        if place and place["path"] in files:
            yield _note(place["path"], int(place["line"]), title, said)
            return
    yield from _at_entry(phase.name, title, said or title, lab=lab, files=files)


def _of_contract(check: CheckInfo, lab: Lab, files: Mapping[str, bytes]) -> Iterator[Note]:
    if check.type != CONTRACT or check.outcome is not Outcome.FAILED:
        return
    spec = next((each for each in lab.checks if each.id == check.id), None)
    phase = spec.options.get("phase") if spec else None
    says = f"{check.rationale}{f' ({check.help})' if check.help else ''}"
    title = f"check {check.id} failed"
    yield from _at_entry(str(phase), title, says, lab=lab, files=files)


def _at_entry(
    phase: str, title: str, says: str, *, lab: Lab, files: Mapping[str, bytes]
) -> Iterator[Note]:
    """Yield a note at the function that the phase calls, or at the top of its file."""
    call = next((each.call for each in lab.phases if each.name == phase), None)
    if call is None:
        return
    module, _, function = call.partition(":")
    path = next((each for each in (f"{module}.py", f"{module}/__init__.py") if each in files), None)
    if path:
        yield _note(path, line_of(files[path], function), title, says)


def line_of(body: bytes, function: str) -> int:
    """Return the line, from 1, where a module defines a function last; 1 where it does not."""
    try:
        tree = tree_of(body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return 1
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    lines = [each.lineno for each in tree.body if isinstance(each, kinds) and each.name == function]
    return max(lines, default=1)


def _note(path: str, line: int, title: str, says: str) -> Note:
    return Note(path=path, line=max(line, 1), title=one_line(title, 100), says=one_line(says))
