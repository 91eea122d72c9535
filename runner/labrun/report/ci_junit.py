"""A pull request's report as JUnit XML: a suite a folder, and one for what was refused."""

from xml.etree import ElementTree as ET

from labrun.domain.ci_report import BROKEN, Graded, Report, verdict_line
from labrun.domain.pull_request import Problem
from labrun.report.as_junit import document, suite_of
from labrun.report.printable import one_line


def junit(report: Report) -> str:
    """Return the suites of every result, and a case for each folder or path without one."""
    root = ET.Element("testsuites")
    if report.pull.problems:
        suite = ET.SubElement(root, "testsuite", {"name": "labrun.pull-request"})
        for problem in report.pull.problems:
            _refused(suite, problem)
    for row in report.rows:
        root.append(suite_of(row.result) if row.result else _error(row))
    return document(root)


def _refused(suite: ET.Element, problem: Problem) -> None:
    name = f"{problem.rule}: {one_line(problem.path, 200)}"
    case = ET.SubElement(suite, "testcase", {"classname": "labrun.pull-request", "name": name})
    told = {"message": one_line(problem.says), "type": problem.rule}
    ET.SubElement(case, "failure", told).text = problem.help


def _error(row: Graded) -> ET.Element:
    suite = ET.Element("testsuite", {"name": f"labrun.{row.work.lab}"})
    place = {"classname": f"labrun.{row.work.lab}", "name": one_line(row.work.folder or ".", 200)}
    case = ET.SubElement(suite, "testcase", place)
    kind = "error" if row.code == BROKEN else "failure"
    told = {"message": one_line(row.error or verdict_line(row)), "type": kind}
    ET.SubElement(case, kind, told).text = one_line(row.help or "")
    return suite
