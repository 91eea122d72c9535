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
    """Write what is not there yet, and return its paths; ``source`` is where labrun comes from.

    That is ``owner/labrun@`` and the 40 digits of a commit: a branch or a tag could be moved.
    """
    named = SOURCE.fullmatch(source)
    if named is None:
        msg = f"{source!r} does not say which commit of labrun to use"
        raise UserError(msg, help="give OWNER/REPOSITORY@ and the 40 digits of a commit")
    if not (folder / ".git").exists():
        msg = f"{folder} is not the top of a Git repository"
        raise UserError(msg, help="run: git init; then give its folder")
    written = []
    for name, path in FILES[forge].items():
        text = (TEMPLATES / name).read_text(encoding="utf-8")
        text = text.replace(f"{PLACE}@{COMMIT}", source)
        text = text.replace(PLACE, named["where"]).replace(COMMIT, named["hash"])
        if _write(folder / path, text):
            written.append(path)
    return written


def _write(path: Path, text: str) -> bool:
    try:
        if path.is_symlink() or path.exists():
            if path.read_text(encoding="utf-8", errors="replace") == text:
                return False
            msg = f"{path} is there already, and says something else"
            raise UserError(msg, help="move it aside, and run the command again")
        write_whole(path, text.encode())
    except OSError as error:
        raise disk_fault(path, error) from error
    return True
