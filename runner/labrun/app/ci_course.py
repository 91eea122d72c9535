"""A pull request and the course it belongs to, read from two commits of one repository.

Labs, data sets and rules come from the trusted commit, and from the other one nothing but the
files that a lab asks for. Neither is checked out.
"""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from labrun.app.settings import Settings
from labrun.domain.ci_report import CourseRules
from labrun.domain.lab import Lab
from labrun.domain.mode import Mode
from labrun.domain.pull_request import (
    COURSE_FILE,
    Course,
    Problem,
    PullRequest,
    Rule,
    Work,
    sort_out,
    within,
)
from labrun.domain.record import Record
from labrun.errors import LabError, UserError
from labrun.store.git_files import Picked, pick, workplaces, write_files, write_trusted
from labrun.store.git_objects import Repository, TreeEntry
from labrun.store.lab_yaml import read_record
from labrun.store.labs import LAB_FILE, find_labs, read_lab
from labrun.store.sealed_lab import is_sealed


class Asked(Record):
    """Which commits are meant; ``account`` opened the pull request, ``labs`` stand in for its own.

    ``only`` is the one folder wanted, where a job of a matrix looks at one.
    """

    repository: Path
    base: str
    trusted: str
    head: str = "HEAD"
    account: str | None = None
    labs: Path | None = None
    only: str | None = None


@dataclass(frozen=True)
class Opened:
    """A pull request with the files it hands in, and the settings to grade them with."""

    pull: PullRequest
    settings: Settings
    folders: dict[str, Path]
    labs: dict[str, Path]
    files: dict[str, dict[str, bytes]]

    def lab(self, work: Work) -> Lab:
        """Return the lab that a folder is for."""
        return read_lab(self.labs[work.lab])


@contextlib.contextmanager
def opened(asked: Asked, settings: Settings) -> Iterator[Opened]:
    """Give what a pull request hands in, for as long as the block lasts.

    Raises `UserError` where a commit or the course is not there, and `LabError` where the trusted
    commit holds something that is no lab.
    """
    with tempfile.TemporaryDirectory(prefix="labrun-ci-") as root:
        yield _Reader(asked, settings, Path(root)).read()


class _Reader:
    """Reads one pull request into a folder of our own."""

    def __init__(self, asked: Asked, settings: Settings, root: Path) -> None:
        self.asked = asked
        self.root = root
        self.repository = Repository(asked.repository)
        self.trusted = self.repository.commit(asked.trusted)
        self.ours = self.repository.entries(self.trusted)
        self.rules = self._course_rules()
        mode = Mode.EXAM if Mode.EXAM in (self.rules.mode, settings.mode) else Mode.PRACTICE
        places: dict[str, Path | Mode] = {"mode": mode}
        if asked.labs is None:
            places |= {"labs": root / "labs", "datasets": root / "datasets"}
        self.settings = settings.model_copy(update=places)
        self.labs: dict[str, Path] = {}

    def read(self) -> Opened:
        pull, theirs = self._sorted_out()
        if self.asked.only is not None:
            pull = _narrowed(pull, self.asked.only)
        picked: dict[str, Picked] = {}
        if not pull.refused:
            picked = {work.folder: self._pick(work, theirs) for work in pull.works}
            found = [problem for each in picked.values() for problem in each.problems]
            pull = pull.model_copy(update={"problems": tuple(found)})
        folders = {
            work.folder: self._hand_in(number, picked[work.folder])
            for number, work in enumerate(pull.works)
            if work.folder in picked and not pull.refused
        }
        return Opened(
            pull=pull,
            settings=self.settings,
            folders=folders,
            labs=self.labs,
            files={folder: each.files for folder, each in picked.items()},
        )

    def _sorted_out(self) -> tuple[PullRequest, Sequence[TreeEntry]]:
        asked, repository = self.asked, self.repository
        base, head = repository.commit(asked.base), repository.commit(asked.head)
        began = repository.merge_base(base, head)
        known = PullRequest(
            base=base,
            head=head,
            trusted=self.trusted,
            exact=began is not None,
            works=(),
            problems=(),
            by_trainer=self.rules.is_trainer(asked.account),
        )
        if known.by_trainer:
            return known, ()
        theirs = repository.entries(head)
        works, problems = sort_out(
            repository.changes(began or base, head),
            course=self._course(),
            now=workplaces(repository, theirs),
            learner=self.rules.learner_of(asked.account),
        )
        if began is None and any(each.rule is Rule.OUTSIDE for each in problems):
            self._refuse_if_shallow()
        return known.model_copy(update={"works": works, "problems": _once(problems)}), theirs

    def _refuse_if_shallow(self) -> None:
        """Refuse to blame a learner for what others changed since."""
        if self.repository.is_shallow():
            msg = "this clone is too shallow to tell what the pull request changed"
            raise UserError(msg, help="fetch the whole history: git fetch --unshallow")

    def _course(self) -> Course:
        known = workplaces(self.repository, self.ours)
        paths = [entry.path.split("/") for entry in self.ours]
        return Course(
            labs=frozenset(self._lab_names()),
            workplaces={folder: place for folder, place in known.items() if place},
            folders=frozenset(
                "/".join(parts[:end]) for parts in paths for end in range(1, len(parts))
            ),
            work=self.rules.work,
            ours=self.rules.ours,
        )

    def _lab_names(self) -> list[str]:
        if self.asked.labs is not None:
            return list(find_labs(self.asked.labs))
        parts = [entry.path.split("/") for entry in self.ours]
        found = [each[1] for each in parts if each[::2] == [self.rules.labs, LAB_FILE]]
        if not found:
            msg = f"the trusted commit {self.trusted[:12]} holds no lab in {self.rules.labs}/"
            raise LabError(msg, help="put labs there, or name a folder of labs: --labs FOLDER")
        return found

    def _course_rules(self) -> CourseRules:
        entry = next((each for each in self.ours if each.path == COURSE_FILE), None)
        if entry is None:
            return CourseRules()
        self._write(COURSE_FILE, entry)
        return read_record(self.root / COURSE_FILE, CourseRules)

    def _write(self, name: str, entry: TreeEntry) -> None:
        for _, body in self.repository.files([entry]):
            write_files({name: body}, self.root)

    def _pick(self, work: Work, theirs: Sequence[TreeEntry]) -> Picked:
        lab = read_lab(self._lab_folder(work.lab))
        mine = [
            each for each in theirs if not any(within(each.path, our) for our in self.rules.ours)
        ]
        return pick(self.repository, mine, work.folder, lab.submission)

    def _lab_folder(self, slug: str) -> Path:
        """Return the trusted lab, written to disk the first time."""
        if slug not in self.labs:
            if self.asked.labs is not None:
                self.labs[slug] = find_labs(self.asked.labs)[slug]
                return self.labs[slug]
            folder = self.settings.labs / slug
            write_trusted(self.repository, self.ours, f"{self.rules.labs}/{slug}", folder)
            self.labs[slug] = folder
            self._write_data(folder)
        return self.labs[slug]

    def _write_data(self, folder: Path) -> None:
        dataset = None if is_sealed(folder) else read_lab(folder).dataset
        if dataset is None:
            return
        name = f"{self.rules.datasets}/{dataset}"
        write_trusted(self.repository, self.ours, name, self.settings.datasets / dataset)
        if not (self.settings.datasets / dataset).is_dir():
            msg = f"the trusted commit lacks {name}, which lab {folder.name!r} uses"
            raise LabError(msg, help="commit the data set beside the labs")

    def _hand_in(self, number: int, picked: Picked) -> Path:
        folder = self.root / "works" / str(number)
        write_files(picked.files, folder)
        return folder


def _narrowed(pull: PullRequest, only: str) -> PullRequest:
    works = tuple(work for work in pull.works if work.folder == only.rstrip("/"))
    if not works and not pull.refused:
        names = ", ".join(work.folder or "." for work in pull.works) or "none"
        msg = f"the pull request touches no workspace {only!r}"
        raise UserError(msg, help=f"it touches: {names}")
    return pull.model_copy(update={"works": works})


def _once(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))
