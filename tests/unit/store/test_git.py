from pathlib import Path

import pytest

from labrun.store.git import head_commit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def git(tmp_path: Path) -> Path:
    (tmp_path / ".git" / "refs" / "heads").mkdir(parents=True)
    return tmp_path / ".git"


def test_the_commit_of_a_branch_is_read_from_any_folder_below(git: Path) -> None:
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs" / "heads" / "main").write_text(f"{COMMIT}\n")
    (git.parent / "a" / "b").mkdir(parents=True)
    assert head_commit(git.parent / "a" / "b") == COMMIT


def test_a_commit_that_was_checked_out_itself_is_read(git: Path) -> None:
    (git / "HEAD").write_text(COMMIT)
    assert head_commit(git.parent) == COMMIT


@pytest.mark.parametrize(
    "head",
    ["", "ref: refs/heads/none", "ref: refs/../../secret", "ref: /etc/passwd", "x" * 5000, "\xff"],
    ids=["empty", "no such branch", "outside", "absolute", "long", "not ASCII"],
)
def test_what_is_not_plain_names_no_commit(git: Path, head: str) -> None:
    (git / "HEAD").write_text(head)
    (git.parent.parent / "secret").write_text(COMMIT)
    assert head_commit(git.parent) is None


def test_a_checkout_without_a_head_and_a_folder_outside_any_name_none(
    git: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert head_commit(git.parent) is None
    assert head_commit(tmp_path_factory.mktemp("plain")) is None
