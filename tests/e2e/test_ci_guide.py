"""docs/ci.md, followed to the letter: every command of the page, then the job it sets up."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.e2e.fake_forge import TOKEN, serve
from tests.e2e.forge_runner import ROOT, Runner, github, wrapper
from tests.e2e.git_course import QUIET, git, git_init

pytestmark = pytest.mark.docker

GUIDE = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
BLOCKS = [
    "\n".join(line.removeprefix("$ ") for line in block.splitlines())
    for block in re.findall(r"^```console\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
]


def follow(blocks: list[str], folder: Path, env: dict[str, str]) -> str:
    """Run blocks of the page, one after another, in one shell."""
    script = "\n".join(["set -euo pipefail", *blocks])
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_page_is_followed_from_an_empty_repository_to_a_graded_pull_request(
    tmp_path: Path,
) -> None:
    course, learner, tries, gitlab = BLOCKS
    bare = tmp_path / "forge" / "course.git"
    git_init(bare, "--bare")
    command = wrapper(tmp_path)
    env = {
        "PATH": f"{command.parent}:{os.environ['PATH']}",  # noqa: TID251  (a test starts the real commands)
        "HOME": str(tmp_path),
        "COURSE": str(bare),
        "LABRUN": str(ROOT),
        "LABRUN_HOME": str(tmp_path / "runner/.labrun"),  # the home of the job below, too
        "LABRUN_POOL": "0",
        **QUIET,
        **{name: value for name, value in os.environ.items() if name.startswith("COV")},  # noqa: TID251  (likewise)
    }
    follow([course, gitlab], tmp_path, env)
    assert git(bare, "ls-tree", "-r", "--name-only", "main").splitlines().count("labrun-ci.yaml")
    said = follow([learner, tries], tmp_path, env)
    assert "work/ada/c02" in said
    assert "c02-credit-cost: passed" in said
    assert (tmp_path / "mine/graded/badge.svg").is_file()

    git(bare, "update-ref", "refs/pull/1/head", "c02")
    head = git(bare, "rev-parse", "c02")
    with serve() as (state, address):
        state.head = head
        context = github(bare, 1, head, "ada")
        context["secrets"]["LABRUN_LAB_KEY"] = (tmp_path / "course.key").read_text().strip()
        job = {
            "GITHUB_SERVER_URL": f"file://{bare.parent}",
            "GITHUB_REPOSITORY": bare.name,
            "GITHUB_API_URL": address,
            "LABRUN_POOL": "0",
        }
        runner = Runner(tmp_path / "runner", job, context)
        code = runner.workflow(tmp_path / "course/.github/workflows/labrun-grade.yml")
        assert code == 0, runner.log
        assert "passed" in state.bodies[0]
        assert "nothing spent" in state.bodies[0]  # graded by hand above: the same files
        assert [status["state"] for _, status in state.statuses] == ["success"]
        key = context["secrets"]["LABRUN_LAB_KEY"]
        assert key not in runner.log + "".join(state.bodies)
    assert TOKEN not in "".join(
        path.read_text(errors="replace") for path in (runner.temp / "labrun-out").iterdir()
    )
