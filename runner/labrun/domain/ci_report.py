"""What a continuous-integration run says of one pull request."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from labrun.domain.grade import Verdict
from labrun.domain.mode import Mode
from labrun.domain.pull_request import ALWAYS_OURS, PullRequest, Work
from labrun.domain.record import FileName, Record
from labrun.domain.result import Result, Status

PASSED, FAILED, WRONG, REFUSED, BROKEN = range(5)  # the exit codes of every command
State = Literal["success", "failure", "error"]


class CourseRules(Record):
    """What the trusted commit may say in ``labrun-ci.yaml``; ``learners`` are names by account.

    ``work`` is the folder in which learners begin their own.
    """

    schema_version: Literal["labrun/ci/v1"] = Field(default="labrun/ci/v1", alias="schema")
    labs: FileName = "labs"
    datasets: FileName = "datasets"
    work: FileName = "work"
    mode: Mode = Mode.PRACTICE
    learners: dict[str, str] = {}
    trainers: tuple[str, ...] = ()

    def learner_of(self, account: str | None) -> str | None:
        """Return the learner's name behind an account; the account itself where none is given."""
        if account is None:
            return None
        known = {name.casefold(): learner for name, learner in self.learners.items()}
        return known.get(account.casefold(), account)

    def is_trainer(self, account: str | None) -> bool:
        """Return whether an account is a trainer's."""
        return account is not None and account.casefold() in map(str.casefold, self.trainers)

    @property
    def ours(self) -> tuple[str, ...]:
        """Return what at the top of the repository is not for learners."""
        return (*ALWAYS_OURS, self.labs, self.datasets, "containers", "runner", "action.yml")


class Note(Record):
    """Something to show beside a line of a file of the repository."""

    path: str
    line: int | None
    title: str
    says: str


class Graded(Record):
    """What became of one folder: a result, or the error that kept it from one."""

    work: Work
    result: Result | None = None
    earlier: bool = False
    error: str | None = None
    help: str | None = None
    code: int = BROKEN
    notes: tuple[Note, ...] = ()


class Report(Record):
    """A pull request, sorted out and graded; ``kind`` is what was run on it."""

    schema_version: Literal["labrun/ci-report/v1"] = "labrun/ci-report/v1"
    kind: Literal["grade", "check"]
    pull: PullRequest
    rows: tuple[Graded, ...] = ()

    @property
    def code(self) -> int:
        """Return the exit code: what is worst."""
        if self.pull.refused:
            return REFUSED
        return max((row.code for row in self.rows), default=PASSED)

    @property
    def state(self) -> State:
        """Return what a commit status says."""
        if self.code == BROKEN:
            return "error"
        return "success" if self.code == PASSED else "failure"

    @property
    def headline(self) -> str:
        """Return it all in one short line, without anything a learner wrote."""
        if self.pull.refused:
            count = len(self.pull.problems)
            return f"refused: {count} {'problem' if count == 1 else 'problems'}, nothing was graded"
        if not self.rows:
            return "nothing to grade" + (": a trainer's change" if self.pull.by_trainer else "")
        return "; ".join(self._row_lines())

    def _row_lines(self) -> Iterator[str]:
        for row in self.rows:
            yield f"{row.work.lab}: {verdict_line(row)}"


def code_of(result: Result) -> int:
    """Return the exit code that a result stands for."""
    if result.status is Status.GRADED:
        return PASSED if result.verdict is Verdict.PASSED else FAILED
    return WRONG if result.status is Status.INVALID else BROKEN


def verdict_line(row: Graded) -> str:
    """Return what became of one folder in a few words of ours."""
    result = row.result
    if result is None:
        return {WRONG: "cannot be graded", REFUSED: "refused"}.get(row.code, "system error")
    unofficial = "" if result.official else ", unofficial"
    if result.status is not Status.GRADED:
        return f"{result.status}{unofficial}"
    if result.split == "public":
        passed = sum(check.outcome == "passed" for check in result.checks)
        return f"{passed} of {len(result.checks)} public checks passed{unofficial}"
    score = "" if result.score is None else f" {round(result.score, 2):g}/100"
    return f"{result.verdict}{score}{unofficial}"
