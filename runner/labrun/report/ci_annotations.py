"""Notes beside the learner's lines: GitHub's workflow commands and GitLab's code quality."""

import hashlib
import json
from collections.abc import Iterator, Mapping

from labrun.domain.ci_report import Note, Report
from labrun.report.printable import one_line, printable

MOST_COMMANDS = 10  # GitHub shows no more errors of one step
MOST_ISSUES = 200
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = _DATA | {":": "%3A", ",": "%2C"}


def annotations(report: Report) -> str:
    """Return one workflow command a line, which GitHub shows beside the lines of the files."""
    found = list(_notes(report))
    lines = [_command(note) for note in found[:MOST_COMMANDS]]
    return "".join(f"{line}\n" for line in lines)


def code_quality(report: Report) -> str:
    """Return the JSON that GitLab reads as a code quality report."""
    return (
        json.dumps([_issue(note) for note in list(_notes(report))[:MOST_ISSUES]], indent=2) + "\n"
    )


def _notes(report: Report) -> Iterator[Note]:
    for problem in report.pull.problems:
        title, says = f"refused: {problem.rule}", f"{problem.says}; {problem.help}"
        yield Note(path=problem.path, line=None, title=title, says=says)
    for row in report.rows:
        yield from row.notes


def _command(note: Note) -> str:
    named = {"file": _shown(note.path), "line": note.line, "title": one_line(note.title, 100)}
    properties = ",".join(
        f"{name}={_escaped(str(value), _PROPERTY)}" for name, value in named.items() if value
    )
    return f"::error {properties}::{_escaped(printable(note.says), _DATA)}"


def _issue(note: Note) -> Mapping[str, object]:
    path, line = _shown(note.path), note.line or 1
    known = f"{path}\0{line}\0{note.title}\0{note.says}".encode("utf-8", "replace")
    return {
        "description": f"{one_line(note.title, 100)}: {one_line(note.says)}",
        "check_name": "labrun",
        "fingerprint": hashlib.sha256(known).hexdigest(),
        "severity": "major",
        "location": {"path": path, "lines": {"begin": line}},
    }


def _shown(path: str) -> str:
    return one_line(path, 200)


def _escaped(text: str, marks: Mapping[str, str]) -> str:
    return "".join(marks.get(each, each) for each in text)
