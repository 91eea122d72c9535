"""The jobs as they are shipped, run step by step: what GitHub and GitLab would run."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.fake_forge import BOT, TOKEN, US, State, serve
from tests.e2e.forge_runner import ROOT, Runner, github
from tests.e2e.git_course import LAB, Forge, commit, git, hand_in, invoke, write

from labrun.report.ci_summary import MARKER

MINE = "work/ada/phases"
FLAWED = "def fit(train):\n    return 1\n\n\ndef predict(model, rows)\n    return 1\n"
Change = Callable[[Path], None]
Job = Callable[..., tuple[int | None, Runner]]


@pytest.fixture
def api() -> Iterator[tuple[State, str]]:
    with serve() as found:
        yield found


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    """A course whose workflows `labrun ci init` wrote."""
    made = Forge(tmp_path)
    source = f"your-school/labrun@{git(ROOT, 'rev-parse', 'HEAD')}"
    done = invoke("ci", "init", made.trainer, "--forge", "github", "--labrun", source)
    assert done.returncode == 0, done.stderr
    made.move_on({})
    return made


@pytest.fixture
def job(forge: Forge, api: tuple[State, str], tmp_path: Path) -> Job:
    """Run a workflow of the default branch for a pull request."""

    def run(
        name: str, number: int, account: str = "ada-l", **more: Any
    ) -> tuple[int | None, Runner]:
        head = git(forge.bare, "rev-parse", f"refs/pull/{number}/head")
        api[0].head = head
        context = github(forge.bare, number, head, account, **more)
        context["secrets"] = {"LABRUN_LAB_KEY": "the-key-of-the-lab"}
        env = {
            "GITHUB_SERVER_URL": f"file://{forge.bare.parent}",
            "GITHUB_REPOSITORY": forge.bare.name,
            "GITHUB_API_URL": api[1],
            "GITHUB_RUN_ID": "42",
            "LABRUN_SANDBOX": "process",
            "LABRUN_POOL": "0",
            "OMP_NUM_THREADS": "1",
            **{each: value for each, value in os.environ.items() if each.startswith("COV")},  # noqa: TID251  (coverage of the commands)
        }
        runner = Runner(tmp_path / "runner", env, context)
        return runner.workflow(forge.trainer / f".github/workflows/labrun-{name}.yml"), runner

    return run


def mine(**files: str) -> Change:
    return lambda root: hand_in(root, MINE, "ada", **files)


def test_a_pull_request_gets_a_comment_that_is_kept_current_a_status_and_a_summary(
    forge: Forge, job: Job, api: tuple[State, str]
) -> None:
    state = api[0]
    state.say("ada-l", f"{MARKER}\n## labrun: passed, honestly")
    number = forge.pull(mine(solution=FLAWED))
    code, runner = job("grade", number)
    assert code == 2, runner.log
    assert f"::error file={MINE}/solution.py,line=5,title=not valid Python::" in runner.log
    assert [each["user"]["login"] for each in state.comments] == ["ada-l", BOT]
    assert "cannot be graded" not in state.bodies[1]
    assert f"## labrun: {LAB}: invalid" in state.bodies[1]
    assert [each.partition("@")[0] for each in runner.others] == [
        "actions/setup-python",
        "actions/upload-artifact",
    ]
    assert runner.ours[0].startswith("your-school/labrun@")

    fork = forge.root / f"fork{number}"
    (fork / MINE / "solution.py").unlink()
    hand_in(fork, "work/ada/again", "ada")
    (fork / MINE / "solution.py").write_text((fork / "work/ada/again/solution.py").read_text())
    git(fork, "clean", "-qfd")
    commit(fork, "mended")
    forge.push(fork, number)
    code, runner = job("grade", number)
    assert code == 0, runner.log
    assert len(state.comments) == 2
    assert "passed 100/100" in state.bodies[1]
    assert "honestly" in state.bodies[0]  # what others wrote stays theirs
    sha, status = state.statuses[-1]
    assert sha == git(fork, "rev-parse", "HEAD")
    assert (status["state"], status["context"]) == ("success", "labrun/grade")
    assert status["target_url"].endswith("/forge.git/actions/runs/42")
    assert "passed 100/100" in runner.summary.read_text()


def test_a_hostile_pull_request_is_refused_and_nothing_of_it_is_run_or_checked_out(
    forge: Forge, job: Job, api: tuple[State, str]
) -> None:
    canary = forge.root / "canary"
    trap = f"import pathlib\npathlib.Path({str(canary)!r}).touch()\n"

    def change(root: Path) -> None:
        mine(solution=trap)(root)
        write(root, {"conftest.py": trap, "setup.py": trap, "sitecustomize.py": trap})
        write(root, {".github/workflows/labrun-grade.yml": f"run: touch {canary}\n"})
        write(root, {"action.yml": f"run: touch {canary}\n"})

    code, runner = job("grade", forge.pull(change))
    assert code == 3, runner.log
    assert not canary.exists()
    assert not list(runner.temp.rglob("*.py"))
    assert "refused: 5 problems, nothing was graded" in runner.log
    assert api[0].statuses[0][1]["state"] == "failure"
    assert ".github/workflows/labrun-grade.yml" in api[0].bodies[0]


def test_what_is_printed_is_no_command_to_the_runner_and_no_secret_is(
    forge: Forge, job: Job
) -> None:
    noisy = "print('::set-env name=x::y')\nraise ValueError('::add-mask::x\\n##[error]y')\n"
    code, runner = job("grade", forge.pull(mine(solution=noisy)))
    assert code == 1, runner.log
    pause = re.search(r"^::stop-commands::([0-9a-f]{32})$", runner.log, re.MULTILINE)
    assert pause
    before, rest = runner.log.split(f"::stop-commands::{pause[1]}\n")
    inside, after = rest.split(f"\n::{pause[1]}::\n")
    assert re.findall(r"^::(.+?)::", before, re.MULTILINE) == ["add-mask"]
    assert "attack-phases" in inside
    commands = [line for line in after.splitlines() if line.startswith("::") or "##[" in line]
    assert [line.split("::")[1].split(" ")[0] for line in commands] == ["error"] * len(commands)
    assert commands
    assert "the-key-of-the-lab" not in runner.log
    assert TOKEN not in runner.log


@pytest.mark.parametrize("more", [{"draft": True}, {}], ids=["draft", "another branch"])
def test_what_is_not_ready_or_goes_elsewhere_is_not_graded(
    more: dict[str, Any], forge: Forge, job: Job, api: tuple[State, str], tmp_path: Path
) -> None:
    number = forge.pull(mine())
    if more:
        assert job("grade", number, **more)[0] is None
    else:
        context = github(forge.bare, number, "0" * 40, "ada-l")
        context["github"]["base_ref"] = "ada-s-own-branch"
        runner = Runner(tmp_path / "runner", {}, context)
        assert runner.workflow(forge.trainer / ".github/workflows/labrun-grade.yml") is None
    assert api[0].asked == []


def test_public_checks_tell_nobody_and_get_no_secret(
    forge: Forge, job: Job, api: tuple[State, str]
) -> None:
    code, runner = job("check", forge.pull(mine()))
    assert code == 0, runner.log
    assert "public checks passed" in runner.summary.read_text()
    assert api[0].asked == []
    assert runner.context["inputs"]["lab-key"] == ""


def test_gitlab_gets_a_note_a_report_and_code_quality(
    forge: Forge, api: tuple[State, str], tmp_path: Path
) -> None:
    state, address = api
    state.say(US + 1, MARKER)
    done = invoke("ci", "init", forge.trainer, "--forge", "gitlab", "--labrun", "x/y/z@" + "1" * 40)
    assert done.stdout == "  wrote  labrun.gitlab-ci.yml\n", done.stderr
    number = forge.pull(mine(solution=FLAWED))
    state.head = git(forge.bare, "rev-parse", f"refs/pull/{number}/head")
    git(forge.bare, "update-ref", f"refs/merge-requests/{number}/head", state.head)
    runner = Runner(tmp_path / "runner", {}, {})
    env = {
        "CI_PROJECT_DIR": str(runner.root),
        "CI_REPOSITORY_URL": forge.bare.as_uri(),
        "CI_DEFAULT_BRANCH": "main",
        "CI_MERGE_REQUEST_IID": str(number),
        "CI_API_V4_URL": address,
        "CI_PROJECT_ID": "12",
        "CI_JOB_URL": "https://gitlab.example.org/job/1",
        "GITLAB_USER_LOGIN": "ada-l",
        "LABRUN_FORGE_TOKEN": TOKEN,
        "LABRUN_LAB_KEY": "the-key-of-the-lab",
        "LABRUN_SANDBOX": "process",
        "LABRUN_POOL": "0",
        "LABRUN": str(runner.command),
        "LABRUN_IMAGES": "",
    }
    code = runner.job(forge.trainer / "labrun.gitlab-ci.yml", "labrun-grade", env)
    assert code == 2, runner.log
    assert [each["author"]["id"] for each in state.comments] == [US + 1, US]
    assert "not valid" not in state.bodies[0]
    out = runner.root / "labrun-out"
    assert "solution.py" in (out / "code-quality.json").read_text()
    assert "<testsuites>" in (out / "junit.xml").read_text()
    assert "the-key-of-the-lab" not in runner.log
