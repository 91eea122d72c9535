import shutil
from pathlib import Path

import pytest

from labrun.errors import UserError
from labrun.store.placing import place


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "from").mkdir()
    for name in ("one", "two"):
        (tmp_path / "from" / name).write_text(name)
    return tmp_path / "from"


def test_files_are_put_in_new_folders_and_may_be_there_already(
    source: Path, tmp_path: Path
) -> None:
    there = tmp_path / "to" / "one"
    there.parent.mkdir()
    there.write_text("one")
    new = tmp_path / "to" / "a" / "b" / "two"
    placed = place({there: source / "one", new: source / "two"})
    assert (placed.written, placed.unchanged) == ((new,), (there,))
    assert new.read_text() == "two"


@pytest.mark.parametrize("kind", ["other bytes", "link", "folder", "dangling link"])
def test_what_is_in_the_way_stops_all_of_it(source: Path, tmp_path: Path, kind: str) -> None:
    way = tmp_path / "way"
    if kind == "folder":
        way.mkdir()
    elif kind == "other bytes":
        way.write_text("mine")
    else:
        way.symlink_to(source / ("one" if kind == "link" else "nothing"))
    with pytest.raises(UserError, match=r"in the way, and nothing was written: .*way"):
        place({tmp_path / "new": source / "two", way: source / "one"})
    assert not (tmp_path / "new").exists()


def test_a_file_where_a_folder_must_be_is_in_the_way(source: Path, tmp_path: Path) -> None:
    (tmp_path / "way").write_text("mine")
    with pytest.raises(UserError, match="in the way"):
        place({tmp_path / "way" / "one": source / "one"})


def test_many_conflicts_are_counted_rather_than_listed(source: Path, tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"{number}").write_text("mine")
    with pytest.raises(UserError, match="and 3 more"):
        place({tmp_path / f"{number}": source / "one" for number in range(8)})


def test_a_copy_that_fails_undoes_what_was_copied(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = []

    def fails_at_the_second(body: object, file: object) -> None:
        copied.append((body, file))
        if len(copied) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", fails_at_the_second)
    with pytest.raises(OSError, match="No space"):
        place({tmp_path / "to" / "one": source / "one", tmp_path / "to" / "two": source / "two"})
    assert list(tmp_path.iterdir()) == [source]


def test_an_executable_stays_one(source: Path, tmp_path: Path) -> None:
    (source / "one").chmod(0o700)
    place({tmp_path / "one": source / "one", tmp_path / "two": source / "two"})
    assert (tmp_path / "one").stat().st_mode & 0o100
    assert not (tmp_path / "two").stat().st_mode & 0o111
