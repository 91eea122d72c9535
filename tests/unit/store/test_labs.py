import os
import re
from pathlib import Path

import pytest

from labrun.errors import LabError, UserError
from labrun.store.labs import check_files, find_lab, find_labs, lab_digest, plain_files, read_lab

LAB = """\
schema: labrun/v1
slug: x01-tiny
version: 1.0.0
title: A tiny lab
track: core
minutes: 5
submission: {require: [solution.py]}
phases:
  - {name: fit, call: "solution:fit", input: train}
  - {name: predict, call: "solution:predict", input: features}
checks:
  - {id: runs, type: phase, phase: predict}
  - {id: functions, type: hidden-tests, path: hidden/test_it.py}
controls: {cheats: {leaky: runs}}
"""
FILES = (
    "README.md",
    "hidden/test_it.py",
    "public/test_public.py",
    *(f"{name}/solution.py" for name in ("starter", "solution", "baseline", "cheats/leaky")),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for slug in ("x01-tiny", "x02-other", "y01-third"):
        (tmp_path / slug).mkdir()
        (tmp_path / slug / "lab.yaml").write_text(LAB.replace("x01-tiny", slug))
    (tmp_path / "notes").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "lab.yaml").write_text(LAB)
    return tmp_path


@pytest.fixture
def lab_dir(root: Path) -> Path:
    directory = root / "x01-tiny"
    for name in FILES:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(f"# {name}\n")
    return directory


def problems(directory: Path) -> list[str]:
    lab = read_lab(directory)
    return [line.replace(str(directory), "LAB") for line in check_files(directory, lab)]


def test_a_lab_is_read_from_its_folder(lab_dir: Path) -> None:
    assert read_lab(lab_dir).slug == "x01-tiny"


def test_a_folder_that_is_no_lab_is_said_to_be_none(root: Path) -> None:
    with pytest.raises(LabError, match=r"notes is not a lab: it lacks lab\.yaml"):
        read_lab(root / "notes")
    with pytest.raises(LabError, match="nowhere is not a folder"):
        read_lab(root / "nowhere")


def test_labs_are_the_visible_folders_that_have_a_lab_yaml(root: Path) -> None:
    assert list(find_labs(root)) == ["x01-tiny", "x02-other", "y01-third"]


def test_a_folder_of_labs_that_is_not_there_is_an_error_of_the_caller(root: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file") as caught:
        find_labs(root / "nowhere")
    assert caught.value.help


@pytest.mark.parametrize("name", ["y01-third", "y01", "y"])
def test_a_lab_is_found_by_its_slug_or_by_the_start_of_it(root: Path, name: str) -> None:
    assert find_lab(root, name) == root / "y01-third"


def test_a_lab_is_found_by_its_path(root: Path) -> None:
    assert find_lab(root / "notes", str(root / "x02-other")) == root / "x02-other"


def test_a_slug_that_starts_another_slug_means_itself(root: Path) -> None:
    (root / "x01").mkdir()
    (root / "x01" / "lab.yaml").write_text(LAB)
    assert find_lab(root, "x01") == root / "x01"


@pytest.mark.parametrize(
    ("name", "said", "hint"),
    [
        ("x03-tiny", "there is no lab called 'x03-tiny'", "did you mean 'x01-tiny'?"),
        ("zzz", "there is no lab called 'zzz'", "see `labrun list`"),
        ("", "there is no lab called ''", "see `labrun list`"),
        ("x0", "'x0' is the start of 2 labs", "say which: x01-tiny, x02-other"),
        ("./nowhere", "'nowhere' is not a lab: it lacks lab.yaml", "see `labrun list`"),
        ("a/\0", "is not a lab", "see `labrun list`"),
        ("a/" + "b" * 5000, "is not a lab", "see `labrun list`"),
        ("b" * 5000, "there is no lab called", "see `labrun list`"),
    ],
)
def test_a_name_that_means_no_lab_is_answered_with_a_way_on(
    root: Path, name: str, said: str, hint: str
) -> None:
    with pytest.raises(UserError, match=re.escape(said)) as caught:
        find_lab(root, name)
    assert caught.value.exit_code == 2
    assert hint in (caught.value.help or "")


def test_the_digest_changes_with_what_can_change_a_grade_and_with_nothing_else(
    lab_dir: Path,
) -> None:
    first = lab_digest(lab_dir)
    (lab_dir / "hidden" / "__pycache__").mkdir()
    (lab_dir / "hidden" / "__pycache__" / "test_it.cpython-311.pyc").write_bytes(b"x")
    (lab_dir / "starter" / "solution.py").write_text("changed")
    assert lab_digest(lab_dir) == first
    for change in ("lab.yaml", "hidden/test_it.py", "public/test_public.py"):
        body = (lab_dir / change).read_bytes()
        (lab_dir / change).write_bytes(body + b"\n")
        assert lab_digest(lab_dir) != first
        (lab_dir / change).write_bytes(body)
    (lab_dir / "hidden" / "test_it.py").rename(lab_dir / "hidden" / "test_that.py")
    assert lab_digest(lab_dir) != first


def test_a_link_in_what_is_digested_is_refused(lab_dir: Path) -> None:
    (lab_dir / "hidden" / "more").symlink_to("/etc")
    with pytest.raises(LabError, match="more is a link or a special file"):
        lab_digest(lab_dir)


def test_a_fifo_among_the_files_of_a_lab_is_refused(lab_dir: Path) -> None:
    os.mkfifo(lab_dir / "hidden" / "pipe")
    with pytest.raises(LabError, match="pipe is a link or a special file"):
        list(plain_files(lab_dir / "hidden"))


def test_a_lab_without_its_lab_yaml_has_no_digest(lab_dir: Path) -> None:
    (lab_dir / "lab.yaml").unlink()
    with pytest.raises(LabError, match=r"lab\.yaml cannot be read: No such file"):
        lab_digest(lab_dir)


def test_files_come_in_order_with_their_relative_path(lab_dir: Path) -> None:
    (lab_dir / "public" / "a").mkdir()
    (lab_dir / "public" / "a" / "b.csv").write_text("")
    assert [path for path, _ in plain_files(lab_dir / "public")] == ["test_public.py", "a/b.csv"]
    assert list(plain_files(lab_dir / "nowhere")) == []


def test_a_complete_lab_has_no_problems(lab_dir: Path) -> None:
    assert problems(lab_dir) == []


@pytest.mark.parametrize(
    ("absent", "said"),
    [
        ("README.md", ["LAB lacks README.md"]),
        ("starter/solution.py", ["LAB/starter lacks solution.py"]),
        (
            "solution/solution.py",
            [
                "LAB/solution lacks solution.py",
                "LAB/solution lacks solution.py, which phase 'fit' calls",
                "LAB/solution lacks solution.py, which phase 'predict' calls",
            ],
        ),
        ("baseline/solution.py", ["LAB/baseline lacks solution.py"]),
        ("cheats/leaky/solution.py", ["LAB/cheats/leaky lacks solution.py"]),
        ("hidden/test_it.py", ["LAB lacks hidden/test_it.py, which check 'functions' runs"]),
    ],
)
def test_an_absent_file_is_named(lab_dir: Path, absent: str, said: list[str]) -> None:
    (lab_dir / absent).unlink()
    assert problems(lab_dir) == said


def test_an_absent_folder_is_named_once(lab_dir: Path) -> None:
    (lab_dir / "baseline" / "solution.py").unlink()
    (lab_dir / "baseline").rmdir()
    assert problems(lab_dir) == ["LAB lacks the folder baseline/"]


def test_a_cheat_that_no_check_is_named_for_is_a_problem(lab_dir: Path) -> None:
    (lab_dir / "cheats" / "constant").mkdir()
    assert problems(lab_dir) == [
        "LAB/cheats/constant is not named in lab.yaml under controls.cheats"
    ]


def test_a_folder_that_is_not_called_as_the_lab_is_a_problem(lab_dir: Path) -> None:
    renamed = lab_dir.rename(lab_dir.parent / "x09-tiny")
    assert problems(renamed) == ["LAB is called 'x09-tiny', but its lab.yaml says slug: 'x01-tiny'"]


@pytest.mark.parametrize("path", ["../secret.py", "hidden/../../x.py", "solution/x.py", "/etc/x"])
def test_tests_that_lie_elsewhere_are_a_problem(lab_dir: Path, path: str) -> None:
    (lab_dir / "lab.yaml").write_text(LAB.replace("hidden/test_it.py", path))
    assert problems(lab_dir) == [
        f"lab.yaml: check 'functions': path: {path!r} is not in hidden/ or public/"
    ]


def test_a_path_of_tests_that_is_not_text_is_left_to_grading(lab_dir: Path) -> None:
    (lab_dir / "lab.yaml").write_text(LAB.replace("hidden/test_it.py", "7"))
    assert problems(lab_dir) == []


def test_a_required_file_that_could_never_be_handed_in_is_a_problem(lab_dir: Path) -> None:
    (lab_dir / "lab.yaml").write_text(LAB.replace("[solution.py]", "[solution.py, .env]"))
    for folder in ("starter", "solution", "baseline", "cheats/leaky"):
        (lab_dir / folder / ".env").write_text("x")
    assert problems(lab_dir) == ["lab.yaml: submission.require: '.env' is hidden"]


@pytest.mark.parametrize("name", ["hidden", "public"])
def test_a_graded_folder_that_is_a_link_is_refused(lab_dir: Path, name: str) -> None:
    (lab_dir / name).rename(lab_dir.parent / "elsewhere")
    (lab_dir / name).symlink_to(lab_dir.parent / "elsewhere")
    with pytest.raises(LabError, match=rf"{name} is a link or a special file"):
        lab_digest(lab_dir)


def test_a_lab_reached_through_a_link_is_a_lab(lab_dir: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(lab_dir)
    assert lab_digest(link) == lab_digest(lab_dir)


def test_a_lab_yaml_that_is_a_pipe_is_refused_rather_than_waited_for(lab_dir: Path) -> None:
    (lab_dir / "lab.yaml").unlink()
    os.mkfifo(lab_dir / "lab.yaml")
    for look in (read_lab, lab_digest):
        with pytest.raises(LabError):
            look(lab_dir)
