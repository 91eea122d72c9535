import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.app.sealed_course import ATTACKS, DATA, LAB, make_course, settings_of

from labrun.app.progress import Silence
from labrun.app.seal_check import Finding, look_for_leaks
from labrun.app.sealing import seal
from labrun.errors import LabError, UserError
from labrun.store.lab_keys import make_key

QUIET = Silence()
HIDDEN = ATTACKS / "labs" / LAB / "hidden" / "test_functions.py"
RAW = ATTACKS / "datasets" / DATA / "planes.parquet"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "key"
    make_key(path)
    return path


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path / "course")


@pytest.fixture
def find(course: Path, home: Path, key: Path) -> Callable[[], list[Finding]]:
    """Look for leaks in the sealed course."""
    lab = course / "labs" / LAB
    settings = settings_of(course, home, key)
    seal(lab, settings=settings, progress=QUIET, to=None, new_key=None)
    return lambda: look_for_leaks(lab, settings=settings, progress=QUIET)


def leaks(found: list[Finding]) -> dict[str, str]:
    return {each.path: each.what for each in found if each.leak}


def test_a_fresh_seal_leaks_nothing(find: Callable[[], list[Finding]]) -> None:
    assert find() == []


def test_a_copy_of_a_hidden_test_is_found_anywhere_in_the_course(
    find: Callable[[], list[Finding]], course: Path
) -> None:
    (course / "notes" / "deep").mkdir(parents=True)
    (course / "notes" / "deep" / "copy.txt").write_bytes(HIDDEN.read_bytes())
    assert leaks(find()) == {"notes/deep/copy.txt": "has the bytes of lab/hidden/test_functions.py"}


def test_the_raw_file_of_the_data_set_is_found(
    find: Callable[[], list[Finding]], course: Path
) -> None:
    (course / "datasets" / DATA).mkdir(parents=True)
    (course / "datasets" / DATA / "other.parquet").write_bytes(RAW.read_bytes())
    assert leaks(find()) == {
        f"datasets/{DATA}/other.parquet": f"has the bytes of dataset/{RAW.name}"
    }


def test_some_hidden_rows_in_another_file_are_found(
    find: Callable[[], list[Finding]], course: Path, home: Path
) -> None:
    table = next(home.glob("data/*/*/private/features.csv"))
    rows = table.read_text().splitlines()[40:60]
    (course / "sample.txt").write_text("\n".join(["a,b,c", *rows]))
    found = leaks(find())
    assert set(found) == {"sample.txt"}
    assert found["sample.txt"].startswith("has ")
    assert found["sample.txt"].endswith(" lines of tables/features.csv")


def test_public_rows_are_no_leak(find: Callable[[], list[Finding]], course: Path) -> None:
    public = (course / "labs" / LAB / "data" / "public" / "train.csv").read_bytes()
    (course / "train-copy.csv").write_bytes(public)
    assert find() == []


def test_a_folder_a_sealed_lab_does_not_have_is_found(
    find: Callable[[], list[Finding]], course: Path
) -> None:
    (course / "labs" / LAB / "hidden").mkdir()
    (course / "labs" / LAB / "hidden" / "test_new.py").write_text("def test_new(): ...\n")
    assert leaks(find()) == {f"labs/{LAB}/hidden": "a sealed lab has no such file"}


def test_a_public_test_with_the_bytes_of_a_hidden_one_is_found(
    course: Path, home: Path, key: Path
) -> None:
    lab = course / "labs" / LAB
    (lab / "public" / "test_same.py").write_bytes(HIDDEN.read_bytes())
    settings = settings_of(course, home, key)
    seal(lab, settings=settings, progress=QUIET, to=None, new_key=None)
    found = leaks(look_for_leaks(lab, settings=settings, progress=QUIET))
    assert f"labs/{LAB}/public/test_same.py" in found


def test_history_that_holds_the_clear_files_is_warned_of(
    course: Path, home: Path, key: Path
) -> None:
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        who = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"]
        subprocess.run(["git", "-C", course, *who, *words], check=True)
    lab = course / "labs" / LAB
    settings = settings_of(course, home, key)
    seal(lab, settings=settings, progress=QUIET, to=None, new_key=None)
    found = look_for_leaks(lab, settings=settings, progress=QUIET)
    assert not leaks(found)
    warned = {each.path for each in found}
    assert {
        f"labs/{LAB}/hidden/test_functions.py",
        f"labs/{LAB}/solution/solution.py",
        f"datasets/{DATA}/planes.parquet",
    } <= warned
    assert f"labs/{LAB}/README.md" not in warned
    assert f"datasets/{DATA}/dataset.yaml" not in warned


def test_a_file_that_cannot_be_read_is_said(
    find: Callable[[], list[Finding]], course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (course / "locked.txt").write_text("x" * 100)
    plain = Path.open

    def locked(path: Path, *args: object, **rest: object) -> object:
        if path.name == "locked.txt":
            raise PermissionError(13, "Permission denied")
        return plain(path, *args, **rest)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", locked)
    assert [(each.path, each.what) for each in find()] == [
        ("locked.txt", "could not be read: Permission denied")
    ]


def test_looking_takes_the_key_and_a_sealed_lab(course: Path, home: Path, key: Path) -> None:
    lab = course / "labs" / LAB
    with pytest.raises(LabError, match="is not sealed"):
        look_for_leaks(lab, settings=settings_of(course, home, key), progress=QUIET)
    settings = settings_of(course, home, key)
    seal(lab, settings=settings, progress=QUIET, to=None, new_key=None)
    with pytest.raises(UserError, match="takes the lab's key"):
        look_for_leaks(lab, settings=settings_of(course, home), progress=QUIET)
