"""Write the jobs and the settings of a course into its repository."""

import re
from pathlib import Path
from typing import Literal

from labrun.domain.pull_request import COURSE_FILE
from labrun.errors import UserError
from labrun.store.faults import disk_fault
from labrun.store.workspace import write_whole

ForgeName = Literal["github", "gitlab"]
TEMPLATES = Path(__file__).parent / "templates" / "ci"
FILES: dict[ForgeName, dict[str, str]] = {
    "github": {
        "github-check.yml": ".github/workflows/labrun-check.yml",
        "github-grade.yml": ".github/workflows/labrun-grade.yml",
        "course.yaml": COURSE_FILE,
    },
    "gitlab": {"gitlab.yml": "labrun.gitlab-ci.yml", "course.yaml": COURSE_FILE},
}
SOURCE = re.compile(r"(?P<where>[\w.-]+(?:/[\w.-]+)+)@(?P<hash>[0-9a-f]{40})")
PLACE, COMMIT = "OWNER/labrun", "COMMIT"


def write_ci(folder: Path, forge: ForgeName, source: str) -> list[str]:
    """Write what is not there yet, and return its paths; a course's settings stay as they are.

    ``source`` is where labrun comes from: ``owner/labrun@`` and the 40 digits of a commit, as a
    branch or a tag could be moved.
    """
    named = SOURCE.fullmatch(source)
    if named is None:
        msg = f"{source!r} does not say which commit of labrun to use"
        raise UserError(msg, help="give OWNER/REPOSITORY@ and the 40 digits of a commit")
    if not (folder / ".git").exists():
        msg = f"{folder} is not the top of a Git repository"
        raise UserError(msg, help="run: git init; then give its folder")
    texts = {folder / path: _text(name, source, named) for name, path in FILES[forge].items()}
    return [path.relative_to(folder).as_posix() for path in _written(texts)]


def _text(name: str, source: str, named: re.Match[str]) -> str:
    text = (TEMPLATES / name).read_text(encoding="utf-8").replace(f"{PLACE}@{COMMIT}", source)
    return text.replace(PLACE, named["where"]).replace(COMMIT, named["hash"])


def _written(texts: dict[Path, str]) -> list[Path]:
    """Write what is not there; a job that says something else stops it all before that."""
    try:
        missing = [path for path in texts if not (path.is_symlink() or path.exists())]
        for path in texts.keys() - set(missing):
            if path.name != COURSE_FILE and path.read_bytes() != texts[path].encode():
                msg = f"{path} is there already, and says something else"
                raise UserError(msg, help="move it aside, and run the command again")
        for path in missing:
            write_whole(path, texts[path].encode())
    except OSError as error:
        raise disk_fault(Path(error.filename or COURSE_FILE), error) from error
    return missing
