import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labrun.domain.lab import CheckSpec, Lab, SubmissionRules
from labrun.errors import LabError, StoreError, UserError
from labrun.store.prepared import Prepared
from labrun.store.workspace import MARKER, Created, create, find, keep_result, result_path

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
LAB = Lab(
    schema="labrun/v1",
    slug="x01-tiny",
    version="1.0.0",
    title="A tiny lab",
    track="core",
    minutes=5,
    submission=SubmissionRules(require=("solution.py",)),
    checks=(CheckSpec(id="runs", type="phase"),),
)
SHIPPED = ("solution.py", "pkg/more.py", "README.md", "tests/test_public.py")


@pytest.fixture
def lab_dir(tmp_path: Path) -> Path:
    directory = tmp_path / "labs" / "x01-tiny"
    for name in (
        "lab.yaml",
        "README.md",
        "starter/solution.py",
        "starter/pkg/more.py",
        "starter/__pycache__/solution.cpython-311.pyc",
        "public/test_public.py",
        "hidden/test_hidden.py",
        "solution/solution.py",
        "baseline/solution.py",
        "cheats/leaky/solution.py",
    ):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    return directory


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    root = tmp_path / "cache"
    tables = ("public/train.csv", "public/truth.csv", "private/truth.csv", "private/rows.csv")
    for name in tables:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{name}\n")
    return Prepared(name="tiny", digest="0" * 64, root=root, tables=dict.fromkeys(tables, "0" * 64))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "home" / "ann" / "tiny"


def started(target: Path, lab_dir: Path, prepared: Prepared | None = None) -> Created:
    return create(target, lab_dir, lab=LAB, learner="ann", started=NOW, prepared=prepared)


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_a_learner_gets_starter_task_public_tests_and_public_tables_and_nothing_else(
    target: Path, lab_dir: Path, prepared: Prepared
) -> None:
    created = started(target, lab_dir, prepared)
    shipped = {*SHIPPED, "data/train.csv", "data/truth.csv"}
    assert files(target) == {*shipped, ".labrun/workspace.json"}
    assert set(created.written) == shipped
    assert (target / "solution.py").read_text() == "# starter/solution.py\n"
    assert (target / "data" / "truth.csv").read_text() == "public/truth.csv\n"


def test_the_marker_says_which_lab_whose_and_since_when(target: Path, lab_dir: Path) -> None:
    started(target, lab_dir)
    marker = find(target).marker
    assert (marker.lab, marker.version, marker.learner) == ("x01-tiny", "1.0.0", "ann")
    assert marker.started == NOW
    assert Path(marker.labs_root) == lab_dir.parent


def test_a_changed_file_is_kept_and_named_and_a_deleted_one_comes_back(
    target: Path, lab_dir: Path
) -> None:
    started(target, lab_dir)
    (target / "solution.py").write_text("my work")
    (target / "README.md").unlink()
    again = create(target, lab_dir, lab=LAB, learner="ann", started=LATER)
    assert again.kept == ("solution.py",)
    assert again.written == ("README.md",)
    assert set(again.unchanged) == {"pkg/more.py", "tests/test_public.py"}
    assert (target / "solution.py").read_text() == "my work"
    assert again.workspace.marker.started == NOW


def test_nothing_is_written_through_a_link(target: Path, lab_dir: Path, tmp_path: Path) -> None:
    target.mkdir(parents=True)
    (target / "solution.py").symlink_to(tmp_path / "elsewhere.py")
    assert started(target, lab_dir).kept == ("solution.py",)
    assert not (tmp_path / "elsewhere.py").exists()


def test_a_folder_that_stands_where_a_file_should_is_kept(target: Path, lab_dir: Path) -> None:
    (target / "solution.py").mkdir(parents=True)
    assert started(target, lab_dir).kept == ("solution.py",)


def test_a_folder_of_another_lab_is_left_alone(target: Path, lab_dir: Path) -> None:
    started(target, lab_dir)
    before = files(target)
    other = LAB.model_copy(update={"slug": "x02-other"})
    with pytest.raises(UserError, match="already holds lab 'x01-tiny'"):
        create(target, lab_dir, lab=other, learner="ann", started=NOW)
    assert files(target) == before


def test_a_file_in_place_of_the_folder_is_refused(target: Path, lab_dir: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_text("x")
    with pytest.raises(UserError, match="is a file, expected a folder"):
        started(target, lab_dir)


def test_a_lab_without_a_starter_cannot_be_started(target: Path, lab_dir: Path) -> None:
    for path in (lab_dir / "starter").rglob("*.py*"):
        path.unlink()
    for name in ("pkg", "__pycache__", ""):
        (lab_dir / "starter" / name).rmdir()
    with pytest.raises(LabError, match="lacks the folder starter/"):
        started(target, lab_dir)
    assert not target.exists()


@pytest.mark.parametrize("name", [".labrun/x", "data/x.csv", "tests/test_x.py"])
def test_a_starter_that_takes_the_place_of_what_labrun_writes_is_refused(
    target: Path, lab_dir: Path, name: str
) -> None:
    path = lab_dir / "starter" / name
    path.parent.mkdir()
    path.write_text("x")
    with pytest.raises(LabError, match="would be put where labrun puts its own files"):
        started(target, lab_dir)
    assert not target.exists()


def test_a_link_in_the_starter_is_refused_before_anything_is_written(
    target: Path, lab_dir: Path
) -> None:
    (lab_dir / "starter" / "key.py").symlink_to(lab_dir / "solution" / "solution.py")
    with pytest.raises(LabError, match="is a link"):
        started(target, lab_dir)
    assert not target.exists()


def test_a_folder_that_cannot_be_made_is_said_to_be_so(tmp_path: Path, lab_dir: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError) as caught:
        started(tmp_path / "file" / "below", lab_dir)
    assert caught.value.help


def test_a_disk_that_fills_up_leaves_no_half_file(
    target: Path, lab_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(StoreError, match="the disk is full"):
            started(target, lab_dir)
    assert files(target) == set()
    assert set(started(target, lab_dir).written) == set(SHIPPED)


def test_a_workspace_is_found_from_within(target: Path, lab_dir: Path) -> None:
    started(target, lab_dir)
    assert find(target / "pkg").root == target
    assert find(target).root == target


def test_a_folder_in_no_workspace_is_answered_with_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is in no folder that `labrun start` made") as caught:
        find(tmp_path)
    assert "labrun start LAB DIR" in (caught.value.help or "")
    with pytest.raises(UserError, match="there is no folder"):
        find(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is damaged: Invalid JSON"),
        (b"{", "is damaged: Invalid JSON"),
        (b"\xff\xfe", "is damaged: Invalid JSON"),
        (b"[]", "is damaged: Input should be an object"),
        (b"{" + b" " * 100_000 + b"}", "is damaged: Invalid JSON"),
        ("unknown", "is damaged: extra: Extra inputs are not permitted"),
        ("future", "is damaged: schema_version: Input should be 'labrun/workspace/v1'"),
        ("traversal", "is damaged: lab: String should match pattern"),
    ],
)
def test_a_broken_marker_is_named_and_a_new_start_mends_it(
    target: Path, lab_dir: Path, body: bytes | str, said: str
) -> None:
    started(target, lab_dir)
    marker = target / ".labrun" / "workspace.json"
    good = json.loads(marker.read_text())
    changes = {
        "unknown": {"extra": 1},
        "future": {"schema_version": "labrun/workspace/v9"},
        "traversal": {"lab": "../x"},
    }
    broken = json.dumps(good | changes[body]).encode() if isinstance(body, str) else body
    marker.write_bytes(broken)
    with pytest.raises(UserError) as caught:
        find(target)
    assert f"{marker} {said}" in str(caught.value)
    assert "labrun start LAB" in (caught.value.help or "")
    started(target, lab_dir)
    assert find(target).marker.lab == "x01-tiny"


def test_a_marker_that_is_a_folder_is_said_to_be_unreadable(target: Path) -> None:
    (target / ".labrun" / "workspace.json").mkdir(parents=True)
    with pytest.raises(UserError, match="cannot be read: Is a directory"):
        find(target)


def test_a_report_is_kept_whole_under_the_id_of_its_submission(tmp_path: Path) -> None:
    path = keep_result(tmp_path, "a41d7e", "html", "<p>ü</p>")
    assert path == tmp_path / ".labrun" / "results" / "a41d7e.html"
    assert path.read_text(encoding="utf-8") == "<p>ü</p>"
    assert keep_result(tmp_path, "a41d7e", "html", "new").read_text() == "new"
    assert files(tmp_path) == {".labrun/results/a41d7e.html"}


@pytest.mark.parametrize("submission", ["../x", "", "a/b", "a.b", "-x", "x" * 200, "a\n"])
def test_an_id_that_is_none_makes_no_path(tmp_path: Path, submission: str) -> None:
    with pytest.raises(UserError, match="is not the id of a submission"):
        result_path(tmp_path, submission, "json")


def test_a_report_that_cannot_be_kept_is_a_platform_error(tmp_path: Path) -> None:
    (tmp_path / ".labrun").write_text("a file")
    with pytest.raises(StoreError):
        keep_result(tmp_path, "a41d7e", "json", "{}")


def test_what_was_there_survives_a_failed_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = keep_result(tmp_path, "a", "json", "old")
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError, match="the disk is full"):
        keep_result(tmp_path, "a", "json", "new")
    assert path.read_text() == "old"
    assert files(tmp_path) == {".labrun/results/a.json"}


def test_a_pipe_in_place_of_the_marker_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    (tmp_path / MARKER).parent.mkdir()
    os.mkfifo(tmp_path / MARKER)
    with pytest.raises(UserError, match="it is not a file"):
        find(tmp_path)
