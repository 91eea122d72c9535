from pathlib import Path

import pytest

from labrun.app.grade_folder import submissions_in
from labrun.errors import UserError


def put(path: Path, body: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


def test_folders_and_archives_in_a_folder_are_a_submission_each(tmp_path: Path) -> None:
    put(tmp_path / "ada/solution.py")
    put(tmp_path / "bob.tar.gz")
    put(tmp_path / "cyd.zip")
    put(tmp_path / ".hidden.zip")
    names = [path.name for path in submissions_in([tmp_path])]
    assert names == ["ada", "bob.tar.gz", "cyd.zip"]


def test_an_archive_may_be_named_itself(tmp_path: Path) -> None:
    archive = put(tmp_path / "cyd.zip")
    assert submissions_in([archive]) == [archive]


def test_a_folder_with_other_files_is_one_submission_whatever_it_holds(tmp_path: Path) -> None:
    put(tmp_path / "ada/solution.py")
    put(tmp_path / "ada/data.zip")
    assert submissions_in([tmp_path / "ada"]) == [tmp_path / "ada"]


def test_an_archive_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "all/mallory.zip").parent.mkdir()
    (tmp_path / "all/mallory.zip").symlink_to(put(tmp_path / "secret.zip"))
    put(tmp_path / "all/ada.zip")
    assert [path.name for path in submissions_in([tmp_path / "all/ada.zip"])] == ["ada.zip"]
    with pytest.raises(UserError, match="is not a folder"):
        submissions_in([tmp_path / "all/mallory.zip"])


def test_a_folder_of_nothing_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no submission in") as caught:
        submissions_in([tmp_path])
    assert caught.value.help == "expected: FOLDER/<learner>/solution.py, or <learner>.zip"
