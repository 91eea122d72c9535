"""What a pull request may change, told by the real command from real repositories."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.git_course import (
    LAB,
    OTHER_LAB,
    Forge,
    Told,
    commit,
    git,
    git_init,
    hand_in,
    invoke,
    write,
)
from tests.e2e.hostile_changes import HOSTILE, MINE, linked, mine, with_mine


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Forge:
    """A course that no test of this module moves on."""
    return Forge(tmp_path_factory.mktemp("forge"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def ci(home: Path) -> Callable[..., Told]:
    """The command in this process."""

    def run(*words: str | Path) -> Told:
        env = {"LABRUN_HOME": str(home), "LABRUN_SANDBOX": "process", "LABRUN_LABS": None}
        return invoke("ci", *words, **env)

    return run


def refs(forge: Forge, number: int, account: str | None = "ada-l") -> list[str | Path]:
    known: list[str | Path] = ["--account", account] if account else []
    head = f"refs/pull/{number}/head"
    return ["--base", "main", "--head", head, "--repository", forge.bare, *known]


def told(done: Told) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_pull_request_of_one_folder_is_one_lab_of_one_learner(
    forge: Forge, ci: Callable[..., Told]
) -> None:
    done = ci("changed", *refs(forge, forge.pull(mine)), "--json")
    assert done.returncode == 0, done.stderr
    pull = told(done)
    (work,) = pull["works"]
    assert (work["folder"], work["lab"], work["learner"]) == (MINE, LAB, "ada")
    assert f"{MINE}/solution.py" in work["changed"]
    assert (pull["exact"], pull["problems"]) == (True, [])


def test_two_labs_are_two_jobs(forge: Forge, ci: Callable[..., Told]) -> None:
    def change(root: Path) -> None:
        mine(root)
        hand_in(root, "work/ada/call", "ada", OTHER_LAB)

    done = ci("changed", *refs(forge, forge.pull(change)), "--matrix")
    assert done.stdout.count("\n") == 1
    assert told(done) == {
        "include": [
            {"folder": "work/ada/call", "lab": OTHER_LAB, "learner": "ada"},
            {"folder": MINE, "lab": LAB, "learner": "ada"},
        ]
    }


def test_what_is_touched_is_told_in_a_table(forge: Forge, ci: Callable[..., Told]) -> None:
    done = ci("changed", *refs(forge, forge.pull(mine)))
    assert done.stdout.splitlines()[1].split() == [MINE, LAB, "ada", "4"]


def test_a_learner_goes_on_in_a_folder_that_was_merged(
    forge: Forge, ci: Callable[..., Told]
) -> None:
    number = forge.pull(lambda root: write(root, {"work/bob/phases/solution.py": "x = 1\n"}))
    (work,) = told(ci("changed", *refs(forge, number, "BOB"), "--json"))["works"]
    assert (work["is_new"], work["learner"]) == (False, "BOB")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_pull_request_that_changes_what_it_may_not_is_refused(
    name: str, forge: Forge, ci: Callable[..., Told], home: Path
) -> None:
    change, rule, path = HOSTILE[name]
    number = forge.pull(change)
    done = ci("grade", *refs(forge, number), "--json")
    assert done.returncode == 3, done.stderr
    report = told(done)
    assert (rule, path) in [(each["rule"], each["path"]) for each in report["pull"]["problems"]]
    assert report["rows"] == []
    assert not home.exists()  # nothing was run, and no ledger opened


def test_the_matrix_of_what_is_refused_is_empty(forge: Forge, ci: Callable[..., Told]) -> None:
    done = ci("changed", *refs(forge, forge.pull(linked)), "--matrix")
    assert (done.returncode, told(done)) == (3, {"include": []})


def test_names_chosen_to_be_commands_are_told_as_names(
    forge: Forge, ci: Callable[..., Told], tmp_path: Path
) -> None:
    name = "x\n::add-mask::a,title=b\n%0A<b>@all"
    number = forge.pull(with_mine(**{name: "x"}))
    done = ci("grade", *refs(forge, number), "--out", tmp_path / "out")
    assert done.stdout == "refused: 1 problem, nothing was graded\n"
    (line,) = (tmp_path / "out/annotations.txt").read_text().splitlines()
    assert line.startswith("::error file=x %3A%3Aadd-mask%3A%3Aa%2Ctitle=b %250A<b>@all,title=")
    summary = (tmp_path / "out/summary.md").read_text()
    assert "\n::" not in summary
    assert "<b>" not in summary
    assert "@all" not in summary


def test_a_name_that_is_no_text_is_refused_like_any_other(
    forge: Forge, ci: Callable[..., Told]
) -> None:
    def change(root: Path) -> None:
        mine(root)
        (Path(os.fsdecode(os.fsencode(root) + b"/no\xff"))).write_text("x")

    done = ci("changed", *refs(forge, forge.pull(change)), "--json")
    assert [each["path"] for each in told(done)["problems"]] == ["no\\xff"]


def test_where_nobody_vouches_the_work_is_that_of_one_learner(
    forge: Forge, ci: Callable[..., Told]
) -> None:
    def change(root: Path) -> None:
        mine(root)
        hand_in(root, "work/cleo/phases", "cleo")

    number = forge.pull(change)
    done = ci("changed", *refs(forge, number, account=None), "--json")
    assert [each["rule"] for each in told(done)["problems"]] == ["other-learner"]
    done = ci("changed", *refs(forge, forge.pull(mine), account=None), "--json")
    assert (done.returncode, told(done)["problems"]) == (0, [])


def test_a_trainer_s_change_is_not_graded(forge: Forge, ci: Callable[..., Told]) -> None:
    number = forge.pull(lambda root: write(root, {f"labs/{LAB}/README.md": "better\n"}))
    done = ci("grade", *refs(forge, number, "Teacher"), "--out", forge.root / "out")
    assert (done.returncode, done.stdout) == (0, "nothing to grade: a trainer's change\n")


def test_what_others_changed_meanwhile_is_not_blamed_on_a_learner(
    tmp_path: Path, ci: Callable[..., Told]
) -> None:
    forge = Forge(tmp_path)
    number = forge.pull(mine)
    forge.move_on({f"labs/{LAB}/README.md": "clearer\n", "work/bob/phases/solution.py": "y = 2\n"})
    done = ci("changed", *refs(forge, number), "--json")
    assert (done.returncode, len(told(done)["works"])) == (0, 1), done.stderr


def test_a_rebase_changes_nothing(tmp_path: Path, ci: Callable[..., Told]) -> None:
    forge = Forge(tmp_path)
    number = forge.pull(mine)
    forge.move_on({"README.md": "# Another course\n"})
    fork = tmp_path / f"fork{number}"
    git(fork, "fetch", "-q", "origin", "main")
    git(fork, "rebase", "-q", "origin/main")
    forge.push(fork, number)
    assert told(ci("changed", *refs(forge, number), "--matrix"))["include"][0]["folder"] == MINE


def merged(forge: Forge, number: int) -> str:
    """Make the commit that a forge tests: the pull request merged into the base."""
    git(forge.trainer, "fetch", "-q", "origin", f"refs/pull/{number}/head")
    git(forge.trainer, "switch", "-q", "--detach", "main")
    git(forge.trainer, "merge", "-q", "--no-ff", "-m", "merged", "FETCH_HEAD")
    git(forge.trainer, "push", "-q", "origin", f"HEAD:refs/pull/{number}/merge")
    done = git(forge.trainer, "rev-parse", "HEAD")
    git(forge.trainer, "switch", "-q", "main")
    return done


def test_a_shallow_clone_of_a_merge_commit_with_a_detached_head_will_do(
    tmp_path: Path, ci: Callable[..., Told]
) -> None:
    forge = Forge(tmp_path)
    number = forge.pull(mine)
    forge.move_on({"README.md": "# Another course\n"})
    merged(forge, number)
    clone = tmp_path / "clone"
    git_init(clone)
    git(clone, "remote", "add", "origin", forge.bare.as_uri())
    git(clone, "fetch", "-q", "--depth=1", "origin", "main", f"refs/pull/{number}/merge")
    git(clone, "switch", "-q", "--detach", "FETCH_HEAD")
    base = git(clone, "rev-parse", "FETCH_HEAD")
    git(
        clone, "switch", "-q", "--detach", git(forge.bare, "rev-parse", f"refs/pull/{number}/merge")
    )
    done = ci("changed", "--base", base, "--repository", clone, "--account", "ada-l", "--json")
    assert done.returncode == 0, done.stderr
    pull = told(done)
    assert ([each["folder"] for each in pull["works"]], pull["exact"]) == ([MINE], False)


def test_a_clone_too_shallow_to_tell_is_said_and_no_learner_is_blamed(
    tmp_path: Path, ci: Callable[..., Told]
) -> None:
    forge = Forge(tmp_path)
    number = forge.pull(mine)
    forge.move_on({"README.md": "# Another course\n"})
    clone = tmp_path / "clone"
    git_init(clone)
    head = f"refs/pull/{number}/head"
    git(clone, "fetch", "-q", "--depth=1", forge.bare.as_uri(), "main:base", f"{head}:topic")
    done = ci("changed", "--base", "base", "--head", "topic", "--repository", clone)
    assert done.returncode == 2
    assert "error: this clone is too shallow to tell what the pull request" in done.stderr


def test_a_history_made_up_anew_is_compared_with_the_base(
    forge: Forge, ci: Callable[..., Told]
) -> None:
    fork = forge.fork()
    mine(fork)
    write(fork, {f"labs/{LAB}/lab.yaml": "schema: labrun/v1\n"})
    git(fork, "checkout", "-q", "--orphan", "fresh")
    commit(fork, "all is mine")
    forge.push(fork, forge.number)
    done = ci("changed", *refs(forge, forge.number), "--json")
    problems = told(done)["problems"]
    assert [each["path"] for each in problems] == [f"labs/{LAB}/lab.yaml"]


def test_a_commit_that_is_not_there_is_said(forge: Forge, ci: Callable[..., Told]) -> None:
    done = ci("changed", "--base", "no-such", "--repository", forge.bare)
    assert "error: there is no commit 'no-such' in this clone" in done.stderr


def test_a_ref_is_never_an_option(forge: Forge, ci: Callable[..., Told]) -> None:
    done = ci("changed", "--base=--output=/tmp/x", "--repository", forge.bare)
    assert "there is no commit" in done.stderr


def test_a_folder_that_is_no_repository_is_said(tmp_path: Path, ci: Callable[..., Told]) -> None:
    done = ci("changed", "--base", "main", "--repository", tmp_path)
    assert "is in no Git repository" in done.stderr
