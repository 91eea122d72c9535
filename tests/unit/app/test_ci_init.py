from pathlib import Path

import pytest

from labrun.app.ci_init import write_ci
from labrun.errors import UserError

SOURCE = f"school/labrun@{'1' * 40}"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def test_everything_is_written_once(course: Path) -> None:
    written = write_ci(course, "github", SOURCE)
    assert sorted(written) == [
        ".github/workflows/labrun-check.yml",
        ".github/workflows/labrun-grade.yml",
        "labrun-ci.yaml",
    ]
    assert SOURCE in (course / written[0]).read_text()
    assert write_ci(course, "github", SOURCE) == []


def test_the_settings_of_a_course_stay(course: Path) -> None:
    (course / "labrun-ci.yaml").write_text("schema: labrun/ci/v1\n")
    assert write_ci(course, "gitlab", SOURCE) == ["labrun.gitlab-ci.yml"]
    assert (course / "labrun-ci.yaml").read_text() == "schema: labrun/ci/v1\n"


def test_a_job_that_says_something_else_stops_it_before_anything_is_written(course: Path) -> None:
    path = course / ".github/workflows/labrun-grade.yml"
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(UserError, match="is there already"):
        write_ci(course, "github", SOURCE)
    assert not (course / "labrun-ci.yaml").exists()


@pytest.mark.parametrize("source", ["school/labrun@main", "school/labrun", "labrun@" + "1" * 40])
def test_a_name_that_could_be_moved_is_refused(source: str, course: Path) -> None:
    with pytest.raises(UserError, match="does not say which commit"):
        write_ci(course, "github", source)


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not the top of a Git repository"):
        write_ci(tmp_path, "github", SOURCE)
