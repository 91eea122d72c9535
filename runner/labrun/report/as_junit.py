"""For a CI server: JUnit XML, one test case a check."""

import re
from xml.etree import ElementTree as ET

from labrun.domain.grade import Fault, Outcome
from labrun.domain.result import CheckInfo, PhaseInfo, Result, Status
from labrun.report import FORMATS, wording
from labrun.report.printable import cleaned, one_line

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
ENDED = frozenset({Status.GRADED, Status.CANCELLED})


@FORMATS.register("junit")
def as_junit(result: Result) -> str:
    """Return a test suite: a failed check is a failure, one not judged by our fault an error."""
    root = ET.Element("testsuites")
    root.append(suite_of(result))
    return document(root)


def suite_of(result: Result) -> ET.Element:
    """Return the test suite alone, for a document of several."""
    result = cleaned(result)
    suite = ET.Element("testsuite", {"name": f"labrun.{result.lab.slug}"})
    _properties(suite, result)
    for check in result.checks:
        _case(suite, result, check)
    if not result.checks or result.status not in ENDED:
        _whole(suite, result)
    suite.set("time", f"{result.seconds or 0:.3f}")  # an exam withholds it
    suite.set("timestamp", result.submission.received.isoformat(timespec="seconds"))
    if logs := "\n\n".join(filter(None, map(_log, result.phases))):
        ET.SubElement(suite, "system-out").text = logs
    return suite


def document(root: ET.Element) -> str:
    """Return the XML of test suites, counted, without what XML cannot hold."""
    for suite in root:
        for kind in ("failure", "error", "skipped"):
            name = {"failure": "failures", "error": "errors"}.get(kind, kind)
            suite.set(name, str(len(suite.findall(f"testcase/{kind}"))))
        suite.set("tests", str(len(suite.findall("testcase"))))
    _strip(root)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _properties(suite: ET.Element, result: Result) -> None:
    named = {
        "official": str(result.official).lower(),
        "split": result.split,
        "submission": result.submission.id,
        "sha256": result.submission.sha256,
        "lab": f"{result.lab.slug} {result.lab.version}",
        "learner": result.submission.learner,
        "status": result.status,
        "summary": "; ".join([*wording.warnings(result), wording.headline(result)]),
        "score": "" if result.score is None else wording.points(result.score),
    }
    holder = ET.SubElement(suite, "properties")
    for name, value in named.items():
        ET.SubElement(holder, "property", {"name": name, "value": one_line(value)})


def _case(suite: ET.Element, result: Result, check: CheckInfo) -> None:
    place = {"classname": f"labrun.{result.lab.slug}", "name": check.id}
    case = ET.SubElement(suite, "testcase", place)
    found = _found(check)
    if check.fault in (Fault.LAB, Fault.PLATFORM):
        _outcome(case, "error", f"not the learner's fault but the {check.fault}'s", found)
    elif check.outcome is Outcome.FAILED:
        _outcome(case, "failure", check.rationale, found)
    elif check.outcome is Outcome.SKIPPED:
        _outcome(case, "skipped", check.rationale, "")
    else:
        ET.SubElement(case, "system-out").text = found


def _whole(suite: ET.Element, result: Result) -> None:
    """Add a case for a submission that has no checks to speak for it."""
    place = {"classname": f"labrun.{result.lab.slug}", "name": "submission"}
    case = ET.SubElement(suite, "testcase", place)
    kind = "failure" if result.status is Status.INVALID else "error"
    if result.status is not Status.GRADED:
        _outcome(case, kind, wording.headline(result), result.reason)


def _outcome(case: ET.Element, kind: str, message: str, body: str) -> None:
    ET.SubElement(case, kind, {"message": one_line(message), "type": kind}).text = body


def _found(check: CheckInfo) -> str:
    lines = [check.rationale]
    if check.estimate:
        measured = f"{wording.value(check.estimate)} {wording.interval(check.estimate)}"
        lines.append(f"{check.estimate.metric} {measured} n {check.estimate.n}")
        lines.append(wording.need(check))
    if check.of:
        lines.append(f"points {wording.earned(check)}")
    if check.help and wording.unfinished(check):
        lines.append(f"hint: {check.help}")
    return "\n".join(filter(None, lines))


def _log(phase: PhaseInfo) -> str:
    lines = [f"{phase.name}: {wording.ENDINGS[phase.ending]}", phase.detail]
    if phase.error:
        lines.append(f"{phase.error.type}: {phase.error.message}")
        lines.extend(f"  at {place}" for place in phase.error.where)
    return "\n".join(filter(None, [*lines, phase.log]))


def _strip(root: ET.Element) -> None:
    for element in root.iter():
        element.text = NOT_XML.sub("", element.text) if element.text else element.text
        for name, value in element.items():
            element.set(name, NOT_XML.sub("", value))
