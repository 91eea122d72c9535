"""What a pull request may change, and whose work it hands in: rules without Git."""

import enum
from collections.abc import Iterator, Mapping, Sequence

from labrun.domain.record import Record

LINK = "120000"
SUBMODULE = "160000"
REGULAR = frozenset({"100644", "100755", "100664"})
GONE = "000000"
MARKER = ".labrun/workspace.json"
COURSE_FILE = "labrun-ci.yaml"
# Git, a forge or a later step reads these of itself, wherever they stand.
FILTERS = frozenset({".gitattributes", ".gitmodules", ".lfsconfig", ".gitconfig"})
ALWAYS_OURS = (".github", ".gitlab", ".gitlab-ci.yml", COURSE_FILE)
POINTER_START = b"version https://git-lfs.github.com/spec/"
POINTER_MOST = 1024  # the specification's own limit
MOST_WORKS = 10  # folders of one pull request; each costs a run


class Rule(enum.StrEnum):
    """What a pull request is refused for."""

    LINK = "symlink"
    SUBMODULE = "submodule"
    FILTER = "filter"
    POINTER = "lfs-pointer"
    OUTSIDE = "outside"
    MARKER = "marker"
    LEARNER = "other-learner"
    LAB = "wrong-lab"
    SIZE = "size"


HELP = {
    Rule.LINK: "commit the file itself; links are not followed",
    Rule.SUBMODULE: "commit the files themselves; submodules are not fetched",
    Rule.FILTER: "remove it; files are graded as they are stored, and no filter runs",
    Rule.POINTER: "commit the file itself, without Git LFS",
    Rule.OUTSIDE: "take it out of the pull request; hand in your own folder alone",
    Rule.MARKER: "put it back as it was; `labrun start LAB DIR` writes it again",
    Rule.LEARNER: "hand in your own folder; ask your trainer if your account changed its name",
    Rule.LAB: "one folder is for one lab; `labrun start LAB DIR` makes a folder for another",
    Rule.SIZE: "hand in less at a time",
}


class Change(Record):
    """One path that differs; ``mode`` is Git's, of what is there now."""

    path: str
    mode: str


class Workplace(Record):
    """A folder that a marker says is a learner's, for a lab; ``folder`` is ``""`` at the top."""

    folder: str
    lab: str
    learner: str


class Problem(Record):
    """Why a pull request is not graded."""

    rule: Rule
    path: str
    says: str

    @property
    def help(self) -> str:
        """Return what to do about it."""
        return HELP[self.rule]


class Work(Record):
    """A folder to grade, with the paths in it that were changed."""

    folder: str
    lab: str
    learner: str
    is_new: bool
    changed: tuple[str, ...]


class Course(Record):
    """What the trusted commit says.

    ``work`` is the folder in which new workspaces may begin; ``folders`` are all that are there, so
    that nobody begins one in a folder that is somebody's already. ``ours`` are the files and
    folders at the top that are never a learner's.
    """

    labs: frozenset[str]
    workplaces: dict[str, Workplace]
    folders: frozenset[str]
    work: str = "work"
    ours: tuple[str, ...] = ALWAYS_OURS


class PullRequest(Record):
    """What a pull request hands in; where there is a problem, none of it is graded.

    ``exact``: changes are counted from where the pull request began; if not, the clone is too
    shallow to know that, and they are counted from the tip of the base.
    """

    base: str
    head: str
    trusted: str
    exact: bool
    works: tuple[Work, ...]
    problems: tuple[Problem, ...]
    by_trainer: bool = False

    @property
    def refused(self) -> bool:
        """Return whether nothing of it may be graded."""
        return bool(self.problems)


def sort_out(
    changes: Sequence[Change],
    *,
    course: Course,
    now: Mapping[str, Workplace | None],
    learner: str | None,
) -> tuple[tuple[Work, ...], tuple[Problem, ...]]:
    """Return the work that the changes touch, and every rule that they break.

    ``now`` are the workplaces of the pull request, None where a marker cannot be read; ``learner``
    is who opened it, and the work is theirs under that spelling, so that nobody gets attempts by
    another. Where it is None, nobody vouches, and the work must be that of one learner.
    """
    touched: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for change in changes:
        problems.extend(_of_kind(change))
        folder = _owner(change.path, course, now)
        if folder is None:
            problems.append(_problem(Rule.OUTSIDE, change.path, "is in no learner's folder"))
        else:
            touched.setdefault(folder, []).append(change.path)
    works: list[Work] = []
    for folder, paths in sorted(touched.items()):
        found = list(_of_folder(folder, course, now, learner))
        problems.extend(found)
        place = course.workplaces.get(folder) or now.get(folder)
        if place:
            works.append(
                Work(
                    folder=folder,
                    lab=place.lab,
                    learner=learner or place.learner,
                    is_new=folder not in course.workplaces,
                    changed=tuple(paths),
                )
            )
    problems.extend(_of_many(works, learner))
    return tuple(works), tuple(problems)


def folder_of_marker(path: str) -> str | None:
    """Return the folder that a path is the marker of; None if it is no marker."""
    if path == MARKER:
        return ""
    return path.removesuffix(f"/{MARKER}") if path.endswith(f"/{MARKER}") else None


def within(path: str, folder: str) -> bool:
    """Return whether ``path`` is ``folder`` or in it; everything is in ``""``."""
    return not folder or path == folder or path.startswith(f"{folder}/")


def same_person(one: str, other: str) -> bool:
    """Return whether two names are one learner's; a forge does not tell upper from lower case."""
    return one.casefold() == other.casefold()


def is_pointer(body: bytes) -> bool:
    """Return whether a file is a Git LFS pointer in place of itself."""
    return body[:POINTER_MOST].lstrip().startswith(POINTER_START)


def kind_problem(path: str, mode: str) -> Problem | None:
    """Return the problem with what stands at ``path``, if it is no regular file."""
    if mode == LINK:
        return _problem(Rule.LINK, path, "is a symbolic link")
    if mode == SUBMODULE:
        return _problem(Rule.SUBMODULE, path, "is a submodule")
    return None


def _of_kind(change: Change) -> Iterator[Problem]:
    if problem := kind_problem(change.path, change.mode):
        yield problem
    if change.path.rpartition("/")[2].casefold() in FILTERS:
        yield _problem(Rule.FILTER, change.path, "changes how Git reads files")


def _owner(path: str, course: Course, now: Mapping[str, Workplace | None]) -> str | None:
    """Return the folder that ``path`` is handed in with: the trusted commit's word goes first."""
    if any(within(path, each) for each in course.ours):
        return None
    for known in (course.workplaces, now):
        around = [folder for folder in known if within(path, folder)]
        if around:
            return min(around, key=len)
    return None


def _of_folder(
    folder: str, course: Course, now: Mapping[str, Workplace | None], learner: str | None
) -> Iterator[Problem]:
    marker = f"{folder}/{MARKER}".lstrip("/")
    was, there = course.workplaces.get(folder), now.get(folder)
    if there is None:
        says = "cannot be read" if folder in now else "was removed"
        yield _problem(Rule.MARKER, marker, says)
        return
    if was is None:
        yield from _of_new(folder, course)
    else:
        yield from _of_changed_marker(marker, was, there)
    lab = was.lab if was else there.lab
    if lab not in course.labs:
        yield _problem(Rule.LAB, marker, f"names the lab {lab!r}, and this course has none such")
    whose = was.learner if was else there.learner
    if learner is not None and not same_person(whose, learner):
        yield _problem(Rule.LEARNER, folder, f"is the folder of {whose!r}, not of {learner!r}")


def _of_new(folder: str, course: Course) -> Iterator[Problem]:
    if folder in ("", *course.folders):
        says = "was there before, and is no learner's folder"
        yield _problem(Rule.OUTSIDE, folder or ".", says)
    elif not folder.startswith(f"{course.work}/"):
        says = f"is not in {course.work}/, where new folders belong"
        yield _problem(Rule.OUTSIDE, folder, says)


def _of_changed_marker(marker: str, was: Workplace, there: Workplace) -> Iterator[Problem]:
    if was.lab != there.lab:
        yield _problem(Rule.LAB, marker, f"says lab {there.lab!r}; the folder is for {was.lab!r}")
    if was.learner != there.learner:
        says = f"says learner {there.learner!r}; the folder is of {was.learner!r}"
        yield _problem(Rule.LEARNER, marker, says)


def _of_many(works: Sequence[Work], learner: str | None) -> Iterator[Problem]:
    """Where nobody says who opened it, a pull request holds the work of one learner."""
    if len(works) > MOST_WORKS:
        yield _problem(Rule.SIZE, works[MOST_WORKS].folder, f"is one folder of {len(works)}")
    if learner is not None:
        return
    for first, work in ((works[0], each) for each in works[1:]):
        if not same_person(work.learner, first.learner):
            says = f"is the folder of {work.learner!r}, beside one of {first.learner!r}"
            yield _problem(Rule.LEARNER, work.folder, says)


def _problem(rule: Rule, path: str, says: str) -> Problem:
    return Problem(rule=rule, path=path, says=says)
