"""A course in a real Git repository, and pull requests to it, honest and hostile."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from labrun.cli.main import labrun
from labrun.errors import LabrunError

ROOT = Path(__file__).parents[2]
LAB_ROOT = ROOT / "tests/attacks/lab"
LAB, OTHER_LAB, DATA = "attack-phases", "attack-call", "planes"
RULES = "schema: labrun/ci/v1\ntrainers: [teacher]\nlearners: {ada-l: ada}\n"
LEAVE = shutil.ignore_patterns("__pycache__", "*.pyc")
QUIET = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_NAME": "ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}


class Told(NamedTuple):
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def invoke(*words: str | Path, **env: str | None) -> Told:
    """Run ``labrun`` in this process, which is quicker; errors end as they do in a real one."""
    done = CliRunner().invoke(labrun, [*map(str, words)], env=env)
    error = done.exception
    if isinstance(error, LabrunError):
        told = f"{done.stderr}error: {error}\nhelp: {error.help}\n"
        return Told(error.exit_code, done.stdout, told)
    if error and not isinstance(error, SystemExit):
        raise error
    return Told(done.exit_code, done.stdout, done.stderr)


def git(root: Path, *words: str | Path) -> str:
    """Run Git in ``root`` and return what it printed."""
    env = {"PATH": os.environ["PATH"], "HOME": str(root), **QUIET}  # noqa: TID251  (a test starts Git)
    done = subprocess.run(
        ["git", "-C", root, *words], capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == 0, f"git {words}: {done.stderr}"
    return done.stdout.strip()


def commit(root: Path, message: str = "a change") -> str:
    """Commit everything in the checkout and return the commit."""
    git(root, "add", "-A", "--force")
    git(root, "commit", "-q", "--allow-empty", "-m", message)
    return git(root, "rev-parse", "HEAD")


def write(root: Path, files: dict[str, str]) -> None:
    """Write files below ``root``."""
    for name, body in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)


def marker(lab: str, learner: str) -> str:
    """Return the marker that `labrun start` writes."""
    return json.dumps(
        {
            "schema_version": "labrun/workspace/v1",
            "lab": lab,
            "version": "1.0.0",
            "labs_root": "/home/somebody/labs",
            "learner": learner,
            "started": "2026-11-30T12:00:00Z",
        }
    )


def hand_in(root: Path, folder: str, learner: str, lab: str = LAB, **files: str) -> None:
    """Write a workspace with the lab's own solution in it, and ``files`` laid over that."""
    shutil.copytree(LAB_ROOT / "labs" / lab / "solution", root / folder, ignore=LEAVE)
    inside = {".labrun/workspace.json": marker(lab, learner), "README.md": "# My work\n"}
    inside |= {f"{name}.py": body for name, body in files.items()}
    write(root, {f"{folder}/{name}": body for name, body in inside.items()})


class Forge:
    """A bare repository as a forge has it, and checkouts of the trainer's and the learners'."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bare = root / "forge.git"
        self.number = 0
        git_init(self.bare, "--bare")
        self.trainer = root / "trainer"
        git_init(self.trainer)
        git(self.trainer, "remote", "add", "origin", self.bare)
        self.lay_course(self.trainer)
        commit(self.trainer, "the course")
        git(self.trainer, "push", "-q", "origin", "main")

    def lay_course(self, folder: Path) -> None:
        """Put two labs, their data, a workflow and bob's folder there."""
        for lab in (LAB, OTHER_LAB):
            shutil.copytree(LAB_ROOT / "labs" / lab, folder / "labs" / lab, ignore=LEAVE)
        shutil.copytree(LAB_ROOT / "datasets" / DATA, folder / "datasets" / DATA, ignore=LEAVE)
        write(
            folder,
            {
                "labrun-ci.yaml": RULES,
                ".github/workflows/grade.yml": "on: pull_request_target\n",
                "runner/labrun/__init__.py": "",
                "README.md": "# A course\n",
            },
        )
        hand_in(folder, "work/bob/phases", "bob")

    @property
    def base(self) -> str:
        """Return the tip of the main branch."""
        return git(self.bare, "rev-parse", "main")

    def fork(self) -> Path:
        """Return a fresh clone, as a learner's fork is one."""
        self.number += 1
        folder = self.root / f"fork{self.number}"
        git(self.root, "clone", "-q", self.bare, folder)
        git(folder, "switch", "-q", "-c", "topic")
        return folder

    def pull(self, change: Callable[[Path], None]) -> int:
        """Open a pull request with one change, and return its number."""
        fork = self.fork()
        change(fork)
        commit(fork)
        self.push(fork, self.number)
        return self.number

    def push(self, fork: Path, number: int) -> None:
        """Put the tip of a fork where a forge shows a pull request."""
        git(fork, "push", "-q", "--force", "origin", f"HEAD:refs/pull/{number}/head")

    def move_on(self, files: dict[str, str], message: str = "meanwhile") -> str:
        """Commit to the main branch, as a trainer does."""
        write(self.trainer, files)
        done = commit(self.trainer, message)
        git(self.trainer, "push", "-q", "origin", "main")
        return done


def git_init(folder: Path, *words: str) -> None:
    """Make a repository whose branch is called main."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main", *words)
