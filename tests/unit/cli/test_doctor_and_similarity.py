import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.cli.conftest import FAST_LABS, LAB, Labrun

from labrun.app.finding import Finding, found
from labrun.cli import doctor_command

SOUND = (found("python", "3.11"), found("disk", "1 GB", state="warning", help="free some"))
MISSED = Finding(name="wall: no mount", state="failed", detail="it mounted", help="update it")


def examined(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> None:
    def examine(_settings: Any) -> Iterator[Finding]:
        yield from findings

    monkeypatch.setattr(doctor_command, "examine", examine)


def test_a_sound_machine_is_said_with_advice_where_there_is_some(
    labrun: Labrun, monkeypatch: pytest.MonkeyPatch
) -> None:
    examined(monkeypatch, *SOUND)
    told = labrun("doctor")
    assert told.code == 0
    assert told.out == (
        "ok    python: 3.11\nwarn  disk: 1 GB\n      help: free some\n"
        "\n1 ok, 1 to look at, 0 failed: every wall holds, exams can be held here\n"
    )


def test_a_missing_wall_is_exit_code_4_and_no_exam(
    labrun: Labrun, monkeypatch: pytest.MonkeyPatch
) -> None:
    examined(monkeypatch, *SOUND, MISSED)
    told = labrun("doctor")
    assert told.code == 4
    assert "FAIL  wall: no mount: it mounted\n      help: update it\n" in told.out
    assert told.out.endswith("exams are refused here (wall: no mount)\n")
    found = json.loads(labrun("doctor", "--json").out)
    assert (found["exam"], found["failed"]) == (False, 1)
    assert found["findings"][-1]["name"] == "wall: no mount"


OWN = '''"""Another way to the same answer, long enough to be compared."""
import statistics


def fit(train):
    total = 0.0
    for index, row in train.iterrows():
        if index % 2:
            total += float(row.iloc[0]) * 3
        else:
            total -= float(row.iloc[-1]) / 7
    return {"total": total, "middle": statistics.median([total, 1.0, 2.0])}


def predict(model, features):
    answers = []
    while len(answers) < len(features):
        answers.append(model["total"] if len(answers) % 3 else model["middle"])
    return answers


def double(value):
    return sum([value, value])
'''


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    """Ada's solution, bob's copy of it with other names, and cleo's own."""
    folder = tmp_path / "class"
    for learner in ("ada", "bob", "cleo"):
        (folder / learner).mkdir(parents=True)
    for path in (FAST_LABS / LAB / "solution").glob("*.py"):
        shutil.copy(path, folder / "ada")
    for path in (folder / "ada").glob("*.py"):
        text = path.read_text().replace("model", "trained").replace("features", "rows")
        (folder / "bob" / path.name).write_text(f"# my own work\n{text}")
    (folder / "cleo" / "solution.py").write_text(OWN)
    return folder


def test_a_renamed_copy_ranks_first_and_the_page_lies_in_the_home_folder(
    labrun: Labrun, handed_in: Path, home: Path
) -> None:
    told = labrun("similarity", LAB, handed_in, "--json")
    assert told.code == 0, told.err
    found = json.loads(told.out)
    first, *others = found["pairs"]
    names = [found["members"][first[side]]["name"] for side in ("left", "right")]
    assert sorted(names) == ["ada", "bob"]
    assert all(each["score"] < 0.5 < first["score"] for each in others)
    page = Path(found["page"])
    assert page == home / "reports" / f"similarity-{LAB}.html"
    assert "bob" in page.read_text()


def test_the_page_goes_where_it_is_asked_to_and_is_opened(
    labrun: Labrun, handed_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    page = tmp_path / "copies.html"
    told = labrun("similarity", LAB, handed_in, "--html", page, "--open", "--threshold", "0.9")
    assert told.code == 0, told.err
    assert told.out.endswith(f"page  {page}\n")
    assert "ada" in told.out
    assert opened == [page.resolve().as_uri()]
