import subprocess
from pathlib import Path

import pytest

from labrun.errors import StoreError
from labrun.store.git_history import commits_with


def git(root: Path, *words: str) -> None:
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", "-C", root, *who, *words], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    for name in ("secret é.txt", "open.txt"):
        (tmp_path / name).write_text(name)
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-q", "-m", name)
    (tmp_path / "secret é.txt").unlink()
    git(tmp_path, "commit", "-q", "-a", "-m", "gone")
    return tmp_path


def test_a_file_that_was_removed_is_still_in_the_history(checkout: Path) -> None:
    ((commit, path),) = commits_with(checkout, ["secret é.txt", "never.txt"])
    assert path == "secret é.txt"
    assert len(commit) >= 7


def test_a_file_on_another_branch_counts(checkout: Path) -> None:
    git(checkout, "switch", "-q", "-c", "aside")
    (checkout / "aside.txt").write_text("x")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-q", "-m", "aside")
    git(checkout, "switch", "-q", "main")
    assert [path for _, path in commits_with(checkout, ["aside.txt"])] == ["aside.txt"]


def test_a_path_is_never_a_pattern(checkout: Path) -> None:
    assert commits_with(checkout, ["*.txt", ":(top)"]) == []


def test_no_paths_are_no_question(tmp_path: Path) -> None:
    assert commits_with(tmp_path, []) == []


def test_what_is_no_checkout_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="could not say"):
        commits_with(tmp_path, ["x"])
