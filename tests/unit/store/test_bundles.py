import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labrun.domain.lab import CheckSpec, Lab, SubmissionRules
from labrun.errors import SubmissionError
from labrun.store import bundles, intake
from labrun.store.bundles import collect
from labrun.store.intake import Collected


def lab(**rules: Any) -> Lab:
    return Lab(
        schema="labrun/v1",
        slug="x01-tiny",
        version="1.0.0",
        title="A tiny lab",
        track="core",
        minutes=5,
        submission=SubmissionRules(**{"require": ("solution.py",), **rules}),
        checks=(CheckSpec(id="runs", type="phase"),),
    )


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "solution.py").write_text("x = 1\n")
    return folder


def put(folder: Path, name: str, body: str = "y = 2\n") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(body)
    return path


def left_out(collected: Collected) -> dict[str, str]:
    return {each.path: each.why for each in collected.left_out}


def refusal(folder: Path, **rules: Any) -> tuple[str, str]:
    with pytest.raises(SubmissionError) as caught:
        collect(lab(**rules), folder)
    assert caught.value.exit_code == 2
    return str(caught.value).replace(str(folder), "WORK"), caught.value.help or ""


def test_the_files_the_lab_allows_are_collected_by_relative_path(work: Path) -> None:
    put(work, "features/one.py")
    collected = collect(lab(), work)
    assert collected.submission.lab == "x01-tiny"
    assert collected.submission.files == {"solution.py": b"x = 1\n", "features/one.py": b"y = 2\n"}
    assert collected.left_out == ()


def test_the_order_in_which_files_were_made_does_not_change_the_digest(tmp_path: Path) -> None:
    digests = set()
    for number, names in enumerate(
        (["solution.py", "a.py", "b/c.py"], ["b/c.py", "a.py", "solution.py"])
    ):
        for name in names:
            put(tmp_path / str(number), name)
        digests.add(collect(lab(), tmp_path / str(number)).submission.digest)
    assert len(digests) == 1


def test_what_the_lab_does_not_ask_for_is_left_out_with_the_reason(work: Path) -> None:
    put(work, "data/train.csv")
    put(work, "notes.md")
    assert left_out(collect(lab(), work)) == {
        "data/train.csv": "is not among *.py",
        "notes.md": "is not among *.py",
    }


def test_a_pattern_may_speak_of_the_name_or_of_the_path(work: Path) -> None:
    put(work, "model/weights.npy")
    put(work, "weights.npy")
    put(work, "a.json")
    collected = collect(lab(allow=("model/*.npy", "*.json", "solution.py")), work)
    assert set(collected.submission.files) == {"solution.py", "model/weights.npy", "a.json"}


def test_a_required_file_needs_no_pattern(work: Path) -> None:
    put(work, "model.json", "{}")
    collected = collect(lab(require=("solution.py", "model.json")), work)
    assert "model.json" in collected.submission.files


def test_hidden_files_and_folders_of_tools_are_left_out_whole(work: Path) -> None:
    for name in (".git/config.py", ".venv/a.py", ".labrun/x.py", "a/__pycache__/b.py", ".env.py"):
        put(work, name)
    put(work, "venv/lib/b.py")
    assert left_out(collect(lab(), work)) == {
        ".env.py": "is hidden",
        ".git/": "is hidden",
        ".labrun/": "is hidden",
        ".venv/": "is hidden",
        "a/__pycache__/": "is not your work",
        "venv/": "is not your work",
    }


def test_the_folder_tests_stays_with_the_learner_unless_the_lab_asks_for_it(work: Path) -> None:
    put(work, "tests/test_public.py")
    put(work, "pkg/tests/test_mine.py")
    assert set(collect(lab(), work).submission.files) == {"solution.py", "pkg/tests/test_mine.py"}
    asked = collect(lab(allow=("*.py", "tests/*.py")), work)
    assert "tests/test_public.py" in asked.submission.files


def test_links_are_never_followed(work: Path, tmp_path: Path) -> None:
    secret = put(tmp_path, "secret/key.py", "hidden labels")
    (work / "linked.py").symlink_to(secret)
    (work / "folder").symlink_to(secret.parent)
    (work / "broken.py").symlink_to("nowhere")
    (work / "round").symlink_to(work)
    collected = collect(lab(), work)
    assert set(collected.submission.files) == {"solution.py"}
    assert set(left_out(collected)) == {"linked.py", "folder", "broken.py", "round"}


def test_a_required_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "solution.py").symlink_to(__file__)
    message, help_ = refusal(tmp_path)
    assert message == "WORK/solution.py is a link, and links are not followed"
    assert help_ == "the lab needs: solution.py; put a plain file there"


def test_the_folder_itself_may_be_reached_through_a_link(work: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(work)
    assert set(collect(lab(), tmp_path / "link").submission.files) == {"solution.py"}


def test_pipes_and_sockets_are_left_out_without_waiting_for_them(work: Path) -> None:
    os.mkfifo(work / "pipe.py")
    assert left_out(collect(lab(), work)) == {"pipe.py": "is not a regular file"}


def test_a_required_file_that_is_a_folder_is_missing(tmp_path: Path) -> None:
    put(tmp_path, "solution.py/inner.py")
    assert refusal(tmp_path)[0] == "WORK lacks solution.py"


def test_a_missing_file_is_named_with_what_the_lab_needs(tmp_path: Path) -> None:
    put(tmp_path, "main.py")
    message, help_ = refusal(tmp_path, require=("solution.py", "README.md"))
    assert message == "WORK lacks solution.py, README.md"
    assert help_ == "the lab needs: solution.py, README.md"


@pytest.mark.parametrize(
    "there",
    [
        "Solution.py",
        "solution.py.txt",
        "solution.py~",
        "solution.ipynb",
        "soluton.py",
        "solutions.py",
        "src/solution.py",
        "solution.txt",
    ],
)
def test_a_file_that_was_probably_meant_is_offered(tmp_path: Path, there: str) -> None:
    put(tmp_path, "zebra.py")
    put(tmp_path, there)
    _, help_ = refusal(tmp_path)
    assert help_ == f"the lab needs: solution.py; did you mean {there!r}?"


@pytest.mark.parametrize("body", ["", "\n", "  \n\t\n"])
def test_a_required_file_that_was_never_saved_is_said_to_be_empty(work: Path, body: str) -> None:
    put(work, "solution.py", body)
    assert refusal(work) == (
        "WORK/solution.py is empty",
        "save it in your editor, and hand in again",
    )


def test_another_file_may_be_empty(work: Path) -> None:
    put(work, "pkg/__init__.py", "")
    assert collect(lab(), work).submission.files["pkg/__init__.py"] == b""


def test_a_folder_that_is_not_there_or_is_a_file_is_said_to_be_so(work: Path) -> None:
    assert refusal(work / "nowhere")[0] == "'WORK' does not exist"
    assert refusal(work / "solution.py")[0] == "'WORK' is a file, expected a folder"


def test_a_folder_whose_name_is_no_name_is_refused() -> None:
    assert "cannot be read" in refusal(Path("a\0b"))[0]
    assert "cannot be read" in refusal(Path("a" * 5000))[0]


def test_a_folder_that_links_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "'WORK' " in refusal(tmp_path / "loop")[0]


def test_too_many_files_are_refused_with_both_numbers(work: Path) -> None:
    for number in range(3):
        put(work, f"m{number}.py")
    message, _ = refusal(work, max_files=3)
    assert message == "WORK holds 4 files to send; the lab allows 3"
    assert len(collect(lab(max_files=4), work).submission.files) == 4


def test_too_many_bytes_are_refused_and_the_largest_file_named(work: Path) -> None:
    put(work, "big.py", "#" * 1_500_000)
    message, help_ = refusal(work, max_mb=1)
    assert message == "WORK holds 1.5 MB to send; the lab allows 1 MB"
    assert help_ == "the largest is big.py with 1.5 MB"


def test_files_that_are_not_sent_do_not_count(work: Path) -> None:
    put(work, "data/big.csv", "#" * 1_500_000)
    assert collect(lab(max_mb=1, max_files=1), work).submission.size == 6


def test_exactly_what_is_allowed_is_taken(work: Path) -> None:
    put(work, "solution.py", "#" * 1_000_000)
    assert collect(lab(max_mb=1), work).submission.size == 1_000_000


def test_a_file_that_grows_after_it_was_measured_is_still_capped(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(work, "solution.py", "#" * 2_000_000)
    monkeypatch.setattr(bundles, "refuse_excess", lambda *_: None)
    assert refusal(work, max_mb=1)[0].endswith("the lab allows 1 MB")


def test_a_file_that_changes_while_it_is_read_is_refused(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fstat

    def writing_between(handle: int) -> os.stat_result:
        found = real(handle)
        with (work / "solution.py").open("a") as file:
            file.write("more")
        return found

    monkeypatch.setattr(os, "fstat", writing_between)
    assert refusal(work)[0] == "WORK/solution.py changed while it was read"


def test_a_file_that_became_a_link_after_the_walk_is_not_read(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = intake.refuse_excess

    def swap(*arguments: Any) -> None:
        real(*arguments)
        (work / "solution.py").unlink()
        (work / "solution.py").symlink_to("/etc/passwd")

    monkeypatch.setattr(bundles, "refuse_excess", swap)
    assert refusal(work)[0].startswith("WORK/solution.py cannot be read: ")


def test_a_folder_that_became_a_link_after_the_walk_is_not_entered(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(work, "pkg/key.py")
    put(tmp_path, "secret/key.py", "hidden labels")
    real = intake.refuse_excess

    def swap(*arguments: Any) -> None:
        real(*arguments)
        shutil.rmtree(work / "pkg")
        (work / "pkg").symlink_to(tmp_path / "secret")

    monkeypatch.setattr(bundles, "refuse_excess", swap)
    assert refusal(work)[0].startswith("WORK/pkg/key.py cannot be read: ")


def test_a_file_that_became_a_pipe_after_the_walk_is_refused(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = intake.refuse_excess

    def swap(*arguments: Any) -> None:
        real(*arguments)
        (work / "solution.py").unlink()
        os.mkfifo(work / "solution.py")

    monkeypatch.setattr(bundles, "refuse_excess", swap)
    assert refusal(work)[0] == "WORK/solution.py is no longer a regular file"


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """Yield a folder that a user without rights can enter, and be that user meanwhile."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    put(folder, "solution.py")
    was = os.geteuid()
    if was == 0:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        os.seteuid(was)
        for path in folder.rglob("*"):
            path.chmod(0o700)
        shutil.rmtree(folder)


def test_a_file_that_may_not_be_read_is_named(as_nobody: Path) -> None:
    put(as_nobody, "locked.py").chmod(0)
    assert refusal(as_nobody)[0] == "WORK/locked.py cannot be read: Permission denied"


def test_a_folder_that_may_not_be_read_is_left_out(as_nobody: Path) -> None:
    (as_nobody / "locked").mkdir(mode=0)
    assert left_out(collect(lab(), as_nobody)) == {"locked/": "cannot be read: Permission denied"}


def test_a_home_folder_by_mistake_is_answered_before_all_of_it_is_read(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        put(work, f"photos/{number}.jpg")
    monkeypatch.setattr(bundles, "MAX_ENTRIES", 10)
    message, help_ = refusal(work)
    assert message == "WORK holds more than 10 files and folders"
    assert "labrun start" in help_


def test_folders_that_are_left_out_are_not_counted_file_by_file(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        put(work, f".venv/{number}.py")
    monkeypatch.setattr(bundles, "MAX_ENTRIES", 10)
    assert left_out(collect(lab(), work)) == {".venv/": "is hidden"}


def test_folders_are_entered_only_to_a_depth(work: Path) -> None:
    put(work, "a/b/c/d/fifth.py")
    put(work, "a/b/c/d/e/sixth.py")
    collected = collect(lab(), work)
    assert "a/b/c/d/fifth.py" in collected.submission.files
    assert left_out(collected) == {"a/b/c/d/e/sixth.py": "is more than 5 levels deep"}
