"""Read lab directories."""

import difflib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from labrun.domain.lab import CheckSpec, Lab
from labrun.errors import LabError, UserError
from labrun.store.intake import unsafe_name
from labrun.store.lab_yaml import read_record
from labrun.store.sealed_header import SEALED_FILE, read_header

LAB_FILE = "lab.yaml"
GRADED = ("public", "hidden")  # with lab.yaml, all that a grade can depend on
CHEATS = "cheats"
_TESTS = "hidden-tests"


def read_lab(directory: Path) -> Lab:
    """Return the lab in ``directory``; `LabError` has a line for each thing wrong in lab.yaml."""
    path = directory / LAB_FILE
    if not _is_lab(directory):
        what = "is not a folder" if not directory.is_dir() else f"is not a lab: it lacks {LAB_FILE}"
        msg = f"{directory} {what}"
        raise LabError(msg, help="`labrun list` names the labs")
    return read_record(path, Lab)


def find_labs(root: Path) -> dict[str, Path]:
    """Return the lab folders directly below ``root``, by folder name."""
    try:
        folders = sorted(path for path in root.iterdir() if not path.name.startswith("."))
    except OSError as error:
        msg = f"the folder of labs {str(root)!r} cannot be read: {error.strerror}"
        raise UserError(msg, help="name a folder that holds labs") from None
    return {path.name: path for path in folders if _is_lab(path)}


def find_lab(root: Path, name: str) -> Path:
    """Return the folder of the lab that ``name`` means: a slug, the start of one, or a path."""
    if "/" in name or name.startswith("."):
        return _lab_at(Path(name))
    labs = find_labs(root)
    if name in labs:
        return labs[name]
    meant = [slug for slug in labs if name and slug.startswith(name)]
    if len(meant) == 1:
        return labs[meant[0]]
    if meant:
        msg = f"{name!r} is the start of {len(meant)} labs"
        raise UserError(msg, help=f"say which: {', '.join(meant)}")
    close = difflib.get_close_matches(name, labs, n=1)
    msg = f"there is no lab called {name!r}"
    raise UserError(msg, help=f"did you mean {close[0]!r}?" if close else "see `labrun list`")


def lab_digest(directory: Path) -> str:
    """Return a SHA-256 over lab.yaml, public/ and hidden/: their paths and bytes.

    That of a sealed lab is the one it had when it was sealed.
    """
    if (directory / SEALED_FILE).exists():
        return read_header(directory / SEALED_FILE).lab.lab_digest
    files = {LAB_FILE: directory / LAB_FILE}
    if files[LAB_FILE].exists() and not files[LAB_FILE].is_file():
        raise _linked(files[LAB_FILE])
    for folder in GRADED:
        files |= {f"{folder}/{path}": file for path, file in plain_files(directory / folder)}
    digest = hashlib.sha256()
    try:
        for path in sorted(files):
            body = files[path].read_bytes()
            digest.update(f"{path}\0{len(body)}\0".encode())
            digest.update(body)
    except OSError as error:
        _refuse_unreadable(error)
    return digest.hexdigest()


def plain_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files below ``folder`` by relative path, in order; a link is a `LabError`.

    So is ``folder`` itself as a link: resolve it where it may be one.
    """
    if folder.is_symlink():
        raise _linked(folder)
    if not folder.is_dir():
        return
    for at, folders, names in os.walk(folder, onerror=_refuse_unreadable):
        folders[:] = sorted(set(folders) - {"__pycache__", ".ipynb_checkpoints"})
        for path in sorted(Path(at, name) for name in (*folders, *names)):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise _linked(path)
            if path.is_file() and path.suffix != ".pyc":
                yield path.relative_to(folder).as_posix(), path


def _linked(path: Path) -> LabError:
    msg = f"{path} is a link or a special file, expected plain files"
    return LabError(msg, help="put a copy there")


def _refuse_unreadable(error: OSError) -> NoReturn:
    msg = f"{error.filename} cannot be read: {error.strerror}"
    raise LabError(msg, help="look at its permissions") from None


def check_files(directory: Path, lab: Lab) -> list[str]:
    """Return what is wrong between lab.yaml and the files beside it, a line a problem."""
    return [
        *_wrong_name(directory, lab),
        *_wrong_submission_rules(lab),
        *_wrong_folders(directory, lab),
        *_wrong_cheats(directory, lab),
        *(problem for check in lab.checks for problem in _wrong_tests(directory, check)),
    ]


def _is_lab(path: Path) -> bool:
    try:
        return (path / LAB_FILE).exists()
    except (OSError, ValueError):  # too long for a name, or not one at all
        return False


def _lab_at(path: Path) -> Path:
    if _is_lab(path):
        return path
    msg = f"{str(path)!r} is not a lab: it lacks {LAB_FILE}"
    raise UserError(msg, help="name a lab's folder or its slug; see `labrun list`")


def _wrong_name(directory: Path, lab: Lab) -> Iterator[str]:
    folder = directory.resolve().name
    if folder != lab.slug:
        yield f"{directory} is called {folder!r}, but its {LAB_FILE} says slug: {lab.slug!r}"
    if not (directory / "README.md").is_file():
        yield f"{directory} lacks README.md"


def _wrong_submission_rules(lab: Lab) -> Iterator[str]:
    for path in lab.submission.require:
        if why := unsafe_name(path):
            yield f"{LAB_FILE}: submission.require: {path!r} {why}"


def _wrong_folders(directory: Path, lab: Lab) -> Iterator[str]:
    """Every folder that is handed in must hold what a submission must hold."""
    for name in ("starter", "solution", "baseline", *_cheat_folders(lab)):
        folder = directory / name
        if not folder.is_dir():
            yield f"{directory} lacks the folder {name}/"
            continue
        for path in lab.submission.require:
            if not (folder / path).is_file():
                yield f"{folder} lacks {path}"
    for phase in lab.phases:
        module = phase.call.partition(":")[0] if phase.call else None
        solution = directory / "solution"
        if module and solution.is_dir() and not _has_module(solution, module):
            yield f"{solution} lacks {module}.py, which phase {phase.name!r} calls"


def _has_module(folder: Path, module: str) -> bool:
    forms = (f"{module}.py", f"{module}.ipynb", f"{module}/__init__.py")
    return any((folder / each).is_file() for each in forms)


def _cheat_folders(lab: Lab) -> list[str]:
    return [f"{CHEATS}/{name}" for name in lab.controls.cheats]


def _wrong_cheats(directory: Path, lab: Lab) -> Iterator[str]:
    folder = directory / CHEATS
    there = {path.name for path in folder.iterdir() if path.is_dir()} if folder.is_dir() else set()
    for name in sorted(there - lab.controls.cheats.keys() - {"__pycache__"}):
        yield f"{folder / name} is not named in {LAB_FILE} under controls.cheats"


def _wrong_tests(directory: Path, check: CheckSpec) -> Iterator[str]:
    if check.type != _TESTS:
        return
    path = check.options.get("path")
    if not isinstance(path, str):  # what the options of a check may be is for grading to say
        return
    parts = path.split("/")
    if parts[0] not in GRADED or ".." in parts or "\0" in path:
        yield f"{LAB_FILE}: check {check.id!r}: path: {path!r} is not in hidden/ or public/"
    elif not (directory / path).is_file():
        yield f"{directory} lacks {path}, which check {check.id!r} runs"
