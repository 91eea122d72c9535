import fcntl
import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from labrun.errors import LabError, MissingExtraError, StoreError
from labrun.store import datasets
from labrun.store.datasets import adopt, prepare, read_dataset
from labrun.store.prepared import Prepared

BUILD = """
import shutil


def prepare(raw, public, private):
    text = (raw / "tiny.csv").read_text()
    (public / "train.csv").write_text(text)
    (public / "features.csv").write_text("x\\n1\\n")
    (public / "truth.csv").write_text("y\\n0\\n")
    (private / "features.csv").write_text("x\\n7\\n8\\n")
    (private / "truth.csv").write_text("y\\n1\\n0\\n")
    with open(raw / "built.log", "a") as log:
        log.write("built\\n")
"""
RAW = "x,name,flag\n1,ann,True\n2,,False\n"
YAML = """\
name: tiny
title: A tiny table
source: made up for a test
package: nothing
version: 0.0.1
licence: CC0
redistribute: true
cite: nobody
files:
  - {{name: tiny.csv, sha256: {sha256}, rows: 2, columns: 3}}
card: README.md
"""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "datasets" / "tiny"
    folder.mkdir(parents=True)
    (folder / "tiny.csv").write_text(RAW)
    (folder / "build.py").write_text(BUILD)
    sha256 = hashlib.sha256(RAW.encode()).hexdigest()
    (folder / "dataset.yaml").write_text(YAML.format(sha256=sha256))
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def ready(raw: Path, cache: Path) -> Prepared:
    return prepare(raw, cache)


def times_built(raw: Path) -> int:
    return (raw / "built.log").read_text().count("built")


def build_with(raw: Path, body: str) -> None:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    (raw / "build.py").write_text(f"def prepare(raw, public, private):\n{lines}")


def test_what_a_data_set_says_of_itself_is_read(raw: Path) -> None:
    dataset = read_dataset(raw)
    assert (dataset.name, dataset.licence, dataset.redistribute) == ("tiny", "CC0", True)
    assert dataset.files[0].rows == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("licence: CC0", "license: CC0", "6:1: license: unknown key 'license', did you mean 'lic"),
        ("licence: CC0\n", "", "1:1: licence: missing, expected the key 'licence'"),
        ("name: tiny.csv", "name: ../tiny.csv", "10:12: files[0].name: found '../tiny.csv', expe"),
        ("rows: 2", "rows: two", "rows: found 'two', expected a whole number"),
        ("name: tiny\n", "name: huge\n", "is called 'tiny', but its dataset.yaml says 'huge'"),
    ],
)
def test_a_wrong_description_is_named_with_its_place(
    raw: Path, old: str, new: str, said: str
) -> None:
    path = raw / "dataset.yaml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(LabError) as caught:
        read_dataset(raw)
    assert said in str(caught.value)


def test_a_data_set_that_is_not_there_is_an_error_of_the_lab(raw: Path, cache: Path) -> None:
    with pytest.raises(LabError, match="there is no data set at"):
        prepare(raw.parent / "nowhere", cache)
    assert not cache.exists()


def test_tables_are_built_once_and_used_again(raw: Path, cache: Path) -> None:
    said: list[str] = []
    first = prepare(raw, cache, say=said.append)
    second = prepare(raw, cache, say=said.append)
    assert first == second
    assert times_built(raw) == 1
    assert said == ["data set tiny: preparing its tables", "data set tiny: 5 tables are ready"]
    assert first.root == cache / "tiny" / first.digest


def test_a_changed_build_gives_another_digest_and_other_tables(raw: Path, cache: Path) -> None:
    first = prepare(raw, cache)
    (raw / "build.py").write_text(BUILD.replace("7", "9"))
    second = prepare(raw, cache)
    assert second.digest != first.digest
    assert second.table_path("features", "hidden").read_text() == "x\n9\n8\n"
    assert first.table_path("features", "hidden").read_text() == "x\n7\n8\n"


def test_hidden_tables_are_kept_from_other_users(ready: Prepared) -> None:
    assert stat.S_IMODE(ready.private.stat().st_mode) == 0o700


def test_a_raw_file_that_is_not_the_described_one_is_named_with_both_sums(
    raw: Path, cache: Path
) -> None:
    (raw / "tiny.csv").write_text(RAW + "3,bob,True\n")
    found = hashlib.sha256((RAW + "3,bob,True\n").encode()).hexdigest()
    with pytest.raises(LabError) as caught:
        prepare(raw, cache)
    assert f"{raw / 'tiny.csv'} is not the file that dataset.yaml describes" in str(caught.value)
    assert f"found sha256 {found}" in str(caught.value)
    assert f"expected {hashlib.sha256(RAW.encode()).hexdigest()}" in str(caught.value)


@pytest.mark.parametrize("name", ["tiny.csv", "build.py", "dataset.yaml"])
def test_an_absent_file_of_a_data_set_is_named(raw: Path, cache: Path, name: str) -> None:
    (raw / name).unlink()
    with pytest.raises(LabError, match=f"tiny lacks {name}"):
        prepare(raw, cache)


def test_a_raw_file_that_is_a_folder_is_an_error_of_the_lab(raw: Path, cache: Path) -> None:
    (raw / "tiny.csv").unlink()
    (raw / "tiny.csv").mkdir()
    with pytest.raises(LabError, match=r"tiny\.csv cannot be read: Is a directory"):
        prepare(raw, cache)


def test_a_build_that_crashes_shows_the_end_of_its_traceback(raw: Path, cache: Path) -> None:
    build_with(raw, "print('x' * 50_000)\nraise KeyError('no such column')")
    with pytest.raises(LabError) as caught:
        prepare(raw, cache)
    message = str(caught.value)
    assert message.startswith(f"{raw / 'build.py'} failed with status 1")
    assert message.endswith("KeyError: 'no such column'")
    assert "line 3, in prepare" in message
    assert len(message.splitlines()) <= 7
    assert [path.name for path in (cache / "tiny").iterdir()] == [".lock"], "nothing half-built"


def test_a_build_that_is_killed_says_by_what(raw: Path, cache: Path) -> None:
    build_with(raw, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(LabError, match="was killed by signal 9"):
        prepare(raw, cache)


def test_a_build_that_does_not_end_is_ended(
    raw: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_with(raw, "import time\ntime.sleep(600)")
    monkeypatch.setattr(datasets, "BUILD_SECONDS", 0.5)
    with pytest.raises(LabError, match=r"did not end within 0\.5 seconds"):
        prepare(raw, cache)


def test_a_build_without_the_function_is_told_which(raw: Path, cache: Path) -> None:
    (raw / "build.py").write_text("def prepared():\n    pass\n")
    with pytest.raises(LabError, match=r"it has no function prepare\(raw, public, private\)"):
        prepare(raw, cache)


def test_a_build_must_write_a_public_table(raw: Path, cache: Path) -> None:
    build_with(raw, "(private / 'truth.csv').write_text('y')")
    with pytest.raises(LabError, match="wrote no public table"):
        prepare(raw, cache)


@pytest.mark.parametrize(
    "line",
    [
        "(public / 'notes.txt').write_text('x')",
        "(public / 'Train Set.csv').write_text('x')",
        "(private / 'more').mkdir()",
        "(public / 'train.csv').symlink_to('/etc/passwd')",
    ],
)
def test_a_build_writes_tables_and_nothing_else(raw: Path, cache: Path, line: str) -> None:
    build_with(raw, line)
    with pytest.raises(LabError, match=r"wrote (public|private)/.*; a table is a file <name>\.csv"):
        prepare(raw, cache)


def test_a_full_disk_during_the_build_is_not_the_authors_fault(raw: Path, cache: Path) -> None:
    build_with(raw, "raise OSError(28, 'No space left on device')")
    with pytest.raises(StoreError, match="the disk is full"):
        prepare(raw, cache)


def test_a_cache_that_cannot_be_made_is_a_platform_error(raw: Path, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot use"):
        prepare(raw, cache)


def test_an_interpreter_that_is_not_there_is_a_platform_error(raw: Path, cache: Path) -> None:
    with pytest.raises(StoreError, match="/nowhere/python"):
        prepare(raw, cache, python="/nowhere/python")


def test_the_environment_of_the_caller_does_not_reach_the_build(
    raw: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABRUN_TEST_SECRET", "x")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    build_with(
        raw,
        "import json, os\n(public / 'e.csv').write_text(json.dumps(dict(os.environ)))",
    )
    ready = prepare(raw, cache)
    environment = json.loads(ready.table_path("e", "public").read_text())
    assert not {"LABRUN_TEST_SECRET", "PYTHONPATH"} & environment.keys()
    assert environment["PYTHONHASHSEED"] == "0"


@pytest.mark.parametrize(
    "damage",
    [
        lambda root: (root / "private" / "truth.csv").write_text("y\n1\n1\n"),
        lambda root: (root / "private" / "truth.csv").unlink(),
        lambda root: (root / "private" / "extra.csv").write_text("x\n"),
        lambda root: (root / "public" / "notes.txt").write_text("x\n"),
        lambda root: (root / "manifest.json").unlink(),
        lambda root: (root / "manifest.json").write_text('{"tables": {'),
        lambda root: (root / "manifest.json").write_text('{"tables": {"public/a.csv": "0"}}'),
    ],
)
def test_a_tampered_or_half_written_cache_is_built_again(
    raw: Path, cache: Path, ready: Prepared, damage: "object"
) -> None:
    assert callable(damage)
    damage(ready.root)
    again = prepare(raw, cache)
    assert again == ready
    assert times_built(raw) == 2
    assert again.table_path("truth", "hidden").read_text() == "y\n1\n0\n"


def test_what_a_killed_build_left_is_removed(raw: Path, cache: Path) -> None:
    left = cache / "tiny" / ".building-abc"
    left.mkdir(parents=True)
    (left / "train.csv").write_text("half")
    prepare(raw, cache)
    assert not left.exists()
    assert [path.name[0] for path in (cache / "tiny").iterdir()].count(".") == 1, "the lock alone"


def test_processes_that_prepare_at_once_build_once(raw: Path, cache: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from labrun.store.datasets import prepare; "
        "print(prepare(Path(sys.argv[1]), Path(sys.argv[2])).digest)"
    )
    command = [sys.executable, "-c", code, str(raw), str(cache)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    digests = {process.communicate()[0].strip() for process in running}
    assert digests == {prepare(raw, cache).digest}
    assert times_built(raw) == 1


def test_a_finished_cache_needs_no_lock_nor_right_to_write(
    raw: Path, cache: Path, ready: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert prepare(raw, cache) == ready


def test_a_hidden_table_is_the_private_one_or_else_the_public_one(ready: Prepared) -> None:
    assert ready.table_path("features", "hidden") == ready.private / "features.csv"
    assert ready.table_path("train", "hidden") == ready.public / "train.csv"
    assert ready.table_path("features", "public") == ready.public / "features.csv"
    assert ready.table_names("hidden") == ("features", "train", "truth")


def test_a_public_table_is_never_a_private_one(raw: Path, cache: Path) -> None:
    (raw / "build.py").write_text(BUILD.replace('(public / "truth.csv")', '(private / "more.csv")'))
    ready = prepare(raw, cache)
    assert ready.table_names("public") == ("features", "train")
    with pytest.raises(LabError, match="has no public table 'truth'"):
        ready.table_path("truth", "public")


def test_a_table_that_is_not_there_is_answered_with_what_was_meant(ready: Prepared) -> None:
    with pytest.raises(LabError, match="data set 'tiny' has no hidden table 'feature'") as caught:
        ready.table_path("feature", "hidden")
    assert caught.value.help == "did you mean 'features'?"
    with pytest.raises(LabError) as caught:
        ready.sha256("../../etc/passwd", "public")
    assert caught.value.help == "known: features, train, truth"


def test_the_sum_of_a_table_is_that_of_its_bytes(ready: Prepared) -> None:
    body = ready.table_path("features", "hidden").read_bytes()
    assert ready.sha256("features", "hidden") == hashlib.sha256(body).hexdigest()
    assert ready.sha256("features", "public") != ready.sha256("features", "hidden")


@pytest.mark.parametrize("name", ["truth", "truth-2", "Truth", "truths"])
def test_answers_are_never_an_input(ready: Prepared, name: str) -> None:
    for ask in (ready.input_frame, ready.input_path):
        with pytest.raises(LabError, match="holds answers and is never the input of a phase"):
            ask(name, "hidden")


def test_an_input_is_a_table_as_pandas_reads_it(ready: Prepared) -> None:
    assert ready.input_frame("features", "hidden")["x"].tolist() == [7, 8]
    assert ready.input_path("train", "public") == ready.public / "train.csv"
    assert ready.frame("truth", "hidden")["y"].tolist() == [1, 0]


def test_columns_are_arrays_and_their_text_is_str_or_none(ready: Prepared) -> None:
    columns = ready.columns("train", "public")
    assert {name: column.dtype.kind for name, column in columns.items()} == {
        "x": "i",
        "name": "O",
        "flag": "b",
    }
    assert columns["name"].tolist() == ["ann", None]
    assert all(type(column) is np.ndarray for column in columns.values())


def test_an_empty_table_is_an_error_of_the_data_set(raw: Path, cache: Path) -> None:
    build_with(raw, "(public / 'train.csv').write_text('')")
    with pytest.raises(LabError, match="table 'train' of data set 'tiny' is not CSV"):
        prepare(raw, cache).frame("train", "public")


def test_without_pandas_the_missing_part_is_named(
    ready: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match="pandas, which is not installed") as caught:
        ready.frame("train", "public")
    assert caught.value.help == "pip install 'labrun[grade]'"


def test_a_data_set_below_a_path_with_spaces_is_prepared(raw: Path, tmp_path: Path) -> None:
    ready = prepare(raw, tmp_path / "my cache")
    assert os.path.commonpath([ready.public, tmp_path / "my cache"]) == str(tmp_path / "my cache")


@pytest.mark.parametrize("name", ["tiny.csv", "build.py"])
def test_a_pipe_in_place_of_a_file_is_refused_rather_than_waited_for(
    raw: Path, cache: Path, name: str
) -> None:
    (raw / name).unlink()
    os.mkfifo(raw / name)
    with pytest.raises(LabError, match="is not a file"):
        prepare(raw, cache)


def test_tables_that_are_ready_are_adopted_and_not_built(raw: Path, cache: Path) -> None:
    (raw.parent / "public.csv").write_text("x\n1\n")
    (raw.parent / "private.csv").write_text("x\n2\n")
    tables = {
        "public/features.csv": raw.parent / "public.csv",
        "private/features.csv": raw.parent / "private.csv",
    }
    found = adopt(raw, cache, tables)
    assert not (raw / "built.log").exists()
    assert found.table_path("features", "hidden").read_text() == "x\n2\n"
    assert prepare(raw, cache) == found
