"""Pick files of a Git tree by a lab's rules, and write them below a folder of our own."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from labrun.domain.lab import SubmissionRules
from labrun.domain.pull_request import (
    LINK,
    REGULAR,
    SUBMODULE,
    Problem,
    Rule,
    Workplace,
    folder_of_marker,
    is_pointer,
    kind_problem,
)
from labrun.domain.record import Record
from labrun.errors import LabError, UserError
from labrun.store.git_objects import Repository, TreeEntry
from labrun.store.intake import max_bytes, printable, unwanted_file, unwanted_folder
from labrun.store.workspace import MAX_MARKER, Marker, write_whole

MOST_ENTRIES = 5000
MOST_WORKPLACES = 20_000
LONGEST_NAME = 100
LARGEST_OURS = 1_000_000_000  # bytes of the trusted labs and data sets
BAD_PART = re.compile(r"\A(?:|\.|\.\.|\.git)\Z", re.IGNORECASE)


class Picked(Record):
    """The files of one folder that a lab asks for, by path in it, or why they cannot be taken."""

    files: dict[str, bytes]
    problems: tuple[Problem, ...]


def pick(
    repository: Repository, entries: Iterable[TreeEntry], folder: str, rules: SubmissionRules
) -> Picked:
    """Return what of ``folder`` is handed in; nothing is read where a rule is broken."""
    inside = list(_inside(entries, folder))
    problems = [
        problem
        for path, entry in inside
        if (problem := kind_problem(_shown(folder, path), entry.mode))
    ]
    wanted = {path: entry for path, entry in inside if _is_wanted(path, entry, rules)}
    size = sum(entry.size for entry in wanted.values())
    if len(inside) > MOST_ENTRIES or len(wanted) > rules.max_files or size > max_bytes(rules):
        problems.append(_too_much(folder, len(inside), len(wanted), size, rules))
    twins = len(inside) - len({path for path, _ in inside})
    if twins:
        says = "holds two files of the same name"
        problems.append(Problem(rule=Rule.SIZE, path=folder or ".", says=says))
    if problems:
        return Picked(files={}, problems=tuple(problems))
    names = {entry: path for path, entry in wanted.items()}
    files = {names[entry]: body for entry, body in repository.files(wanted.values())}
    return Picked(files=files, problems=tuple(_pointers(folder, files)))


def write_files(files: dict[str, bytes], target: Path) -> None:
    """Write files that `pick` took, whose names are plain, below ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    for path, body in files.items():
        write_whole(target / path, body)


def write_trusted(
    repository: Repository, entries: Sequence[TreeEntry], folder: str, target: Path
) -> None:
    """Write the whole of a trusted folder below ``target``; what is no file is a `LabError`."""
    inside = {entry: path for path, entry in _inside(entries, folder)}
    for entry, path in inside.items():
        if entry.mode not in REGULAR or any(BAD_PART.match(part) for part in path.split("/")):
            what = {LINK: "a link", SUBMODULE: "a submodule"}.get(entry.mode, "no plain file")
            msg = f"{printable(entry.path)} is {what}, expected plain files"
            raise LabError(msg, help="put a copy there, on the trusted branch")
    if sum(entry.size for entry in inside) > LARGEST_OURS:
        msg = f"{folder} holds more than {LARGEST_OURS / 1e9:g} GB"
        raise LabError(msg, help="keep large data where build.py can download it")
    for entry, body in repository.files(inside):
        if is_pointer(body):
            msg = f"{printable(entry.path)} is a Git LFS pointer, not the file"
            raise LabError(msg, help="commit labs and data sets without Git LFS")
        write_whole(target / inside[entry], body)


def workplaces(repository: Repository, entries: Iterable[TreeEntry]) -> dict[str, Workplace | None]:
    """Return the learners' folders of a tree, by folder; None where a marker is no marker."""
    marked = {
        entry: folder for entry in entries if (folder := folder_of_marker(entry.path)) is not None
    }
    if len(marked) > MOST_WORKPLACES:
        msg = f"there are {len(marked):,} learners' folders, more than can be looked at"
        raise UserError(msg, help=f"keep at most {MOST_WORKPLACES:,} in a repository")
    found: dict[str, Workplace | None] = dict.fromkeys(marked.values())
    plain = [each for each in marked if each.mode in REGULAR and each.size <= MAX_MARKER]
    for entry, body in repository.files(plain):
        found[marked[entry]] = _workplace(marked[entry], body)
    return found


def _workplace(folder: str, body: bytes) -> Workplace | None:
    try:
        marker = Marker.model_validate_json(body)
    except ValueError:  # pydantic's own error is one
        return None
    if not marker.learner.isprintable() or len(marker.learner) > LONGEST_NAME:
        return None
    return Workplace(folder=folder, lab=marker.lab, learner=marker.learner)


def _inside(entries: Iterable[TreeEntry], folder: str) -> Iterator[tuple[str, TreeEntry]]:
    start = f"{folder}/" if folder else ""
    for entry in entries:
        if entry.path.startswith(start):
            yield entry.path.removeprefix(start), entry


def _is_wanted(path: str, entry: TreeEntry, rules: SubmissionRules) -> bool:
    parts = path.split("/")
    folders = ("/".join(parts[:end]) for end in range(1, len(parts)))
    if entry.mode not in REGULAR or any(unwanted_folder(each, rules) for each in folders):
        return False
    return unwanted_file(path, rules) is None


def _pointers(folder: str, files: dict[str, bytes]) -> Iterator[Problem]:
    for path, body in files.items():
        if is_pointer(body):
            says = "is a Git LFS pointer, not the file"
            yield Problem(rule=Rule.POINTER, path=_shown(folder, path), says=says)


def _too_much(folder: str, entries: int, wanted: int, size: int, rules: SubmissionRules) -> Problem:
    says = (
        f"holds {entries:,} files, of which {wanted:,} with {size / 1e6:.1f} MB would be sent; "
        f"the lab allows {rules.max_files} and {rules.max_mb:g} MB"
    )
    return Problem(rule=Rule.SIZE, path=folder or ".", says=says)


def _shown(folder: str, path: str) -> str:
    return f"{folder}/{path}".lstrip("/")
