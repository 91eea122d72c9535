import json
import os
from pathlib import Path
from typing import Any

import pytest

from labrun.domain.calibration import Calibration
from labrun.domain.evidence import Ending, Evidence, PhaseResult
from labrun.errors import LabError, StoreError
from labrun.store.calibrations import Runs, calibration_text, read_calibration, write_calibration

SEEN = Evidence(
    lab="a-lab",
    submission="a" * 64,
    split="hidden",
    seed=1,
    phases=(PhaseResult(phase="predict", ending=Ending.DONE, output=b"\x00\xff"),),
)


def made(**fields: Any) -> Calibration:
    base: dict[str, Any] = {
        "lab": "a-lab",
        "version": "1.0.0",
        "digest": "b" * 64,
        "image": "cpu",
        "sandbox": "docker",
        "official": True,
        "labrun": "0",
        "date": "2026-01-01",
        "seeds": (1, 2),
        "controls": (),
        "marks": (),
    }
    return Calibration(**(base | fields))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = write_calibration(tmp_path, made())
    assert path == tmp_path / "calibration.json"
    assert read_calibration(tmp_path) == made()
    assert [each.name for each in tmp_path.iterdir()] == ["calibration.json"]


def test_the_same_numbers_give_the_same_bytes_on_another_day(tmp_path: Path) -> None:
    body = write_calibration(tmp_path, made()).read_bytes()
    write_calibration(tmp_path, made(date="2026-02-02"))
    assert (tmp_path / "calibration.json").read_bytes() == body
    write_calibration(tmp_path, made(date="2026-02-02", seeds=(1, 2, 3)))
    assert read_calibration(tmp_path) == made(date="2026-02-02", seeds=(1, 2, 3))


def test_keys_stand_in_the_order_of_the_record() -> None:
    keys = list(json.loads(calibration_text(made())))
    assert keys == [name for name in Calibration.model_fields if name in keys]
    assert keys[:3] == ["schema_version", "lab", "version"]


def test_a_lab_without_one_has_none(tmp_path: Path) -> None:
    assert read_calibration(tmp_path) is None


@pytest.mark.parametrize("body", ["", "[]", '{"lab": 5}', "{"])
def test_a_file_that_is_none_is_refused_by_name_and_can_be_replaced(
    tmp_path: Path, body: str
) -> None:
    (tmp_path / "calibration.json").write_text(body)
    with pytest.raises(LabError, match=r"calibration\.json"):
        read_calibration(tmp_path)
    write_calibration(tmp_path, made())
    assert read_calibration(tmp_path) == made()


def test_where_nothing_can_be_written_the_disk_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"calibration\.json"):
        write_calibration(tmp_path / "gone", made())
    (tmp_path / "calibration.json").mkdir()
    with pytest.raises(StoreError, match=r"calibration\.json"):
        read_calibration(tmp_path)


def test_a_run_is_found_by_all_that_it_depends_on(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    assert runs.find("one") is None
    runs.keep("one", SEEN)
    assert Runs(tmp_path).find("one") == SEEN
    assert runs.find("two") is None


def test_a_run_that_is_damaged_is_made_again(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    runs.keep("one", SEEN)
    for path in (tmp_path / "blobs").rglob("*"):
        if path.is_file():
            path.write_bytes(b"other")
    assert runs.find("one") is None
    runs.keep("one", SEEN)
    assert runs.find("one") == SEEN


def test_a_pipe_in_place_of_the_file_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "calibration.json")
    with pytest.raises(LabError, match="is not a file"):
        read_calibration(tmp_path)
