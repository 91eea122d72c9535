"""What a pull request is graded by: the trusted commit, whatever the other one holds."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from tests.e2e.git_course import LAB, Forge, Told, commit, git, hand_in, invoke, write

MINE = "work/ada/phases"
BROKEN = "def fit(train):\n    return 1\n\n\ndef predict(model, rows)\n    return 1\n"
CRASHES = (
    "def fit(train):\n    return 1\n\n\ndef predict(model, rows):\n    raise ValueError('no')\n"
)
NO_ROWS = "def fit(train):\n    return 1\n\n\ndef predict(model, rows):\n    return []\n"

Ci = Callable[..., Told]


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Forge:
    """A course that no test of this module moves on."""
    return Forge(tmp_path_factory.mktemp("forge"))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data sets as the first test that needed them had them prepared."""
    return tmp_path_factory.mktemp("prepared") / "data"


@pytest.fixture
def ci(home: Path, prepared: Path) -> Iterator[Ci]:
    """A command of ``labrun ci`` on a pull request, without a sandbox."""
    if prepared.exists():
        shutil.copytree(prepared, home / "data")

    def run(command: str, forge: Forge, number: int, *words: str | Path, **env: str) -> Told:
        refs = ("--base", "main", "--head", f"refs/pull/{number}/head", "--account", "ada-l")
        plain = {"LABRUN_HOME": str(home), "LABRUN_SANDBOX": "process", "LABRUN_LABS": None}
        rest = ("--repository", forge.bare, *words)
        return invoke("ci", command, *refs, *rest, **plain | env)

    yield run
    if (home / "data").exists() and not prepared.exists():
        shutil.copytree(home / "data", prepared)


@pytest.fixture
def grade(ci: Ci) -> Ci:
    return lambda *words, **env: ci("grade", *words, "--no-record", **env)


def hand(**files: str) -> Callable[[Path], None]:
    return lambda root: hand_in(root, MINE, "ada", **files)


def report(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "report.json").read_text())
    return found


def test_a_pull_request_is_graded_and_every_file_says_so(
    forge: Forge, grade: Ci, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = grade(forge, forge.pull(hand()), "--out", out)
    assert (done.returncode, done.stdout) == (0, f"{LAB}: passed 100/100, unofficial\n"), (
        done.stderr
    )
    (row,) = report(out)["rows"]
    assert row["result"]["verdict"] == "passed"
    assert row["result"]["submission"]["learner"] == "ada"
    assert row["result"]["submission"]["commit"] == report(out)["pull"]["head"]
    assert sorted(row["result"]["submission"]["files"]) == ["plain.py", "solution.py"]
    (suite,) = ET.fromstring((out / "junit.xml").read_text())  # noqa: S314  (ours)
    assert (suite.get("tests"), suite.get("failures")) == ("2", "0")
    summary = (out / "summary.md").read_text()
    assert summary.startswith(f"## labrun: {LAB}: passed 100/100, unofficial\n")
    assert "r2 **" in summary
    comment = (out / "comment.md").read_text()
    assert comment.startswith("<!-- labrun-ci")
    assert comment.endswith(summary)
    assert json.loads((out / "badge.json").read_text())["color"] == "brightgreen"
    assert "passed 100/100" in (out / "badge.svg").read_text()
    assert (out / "annotations.txt").read_text() == ""
    assert json.loads((out / "code-quality.json").read_text()) == []


@pytest.mark.parametrize(
    ("body", "code", "line", "title"),
    [
        (BROKEN, 2, 5, "not valid Python"),
        (CRASHES, 1, 6, "phase predict%3A crashed"),
        (NO_ROWS, 1, 5, "check contract failed"),
    ],
    ids=["syntax", "crash", "contract"],
)
def test_what_is_wrong_is_shown_beside_the_learner_s_line(
    body: str, code: int, line: int, title: str, forge: Forge, grade: Ci, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = grade(forge, forge.pull(hand(solution=body)), "--out", out)
    assert done.returncode == code, done.stderr
    notes = (out / "annotations.txt").read_text().splitlines()
    assert f"::error file={MINE}/solution.py,line={line},title={title}::" in notes[0]
    (issue, *_) = json.loads((out / "code-quality.json").read_text())
    assert issue["location"] == {"path": f"{MINE}/solution.py", "lines": {"begin": line}}
    assert json.loads((out / "badge.json").read_text())["color"] in ("red", "orange")


def test_the_lab_is_that_of_the_trusted_commit_even_where_the_work_began_before_it(
    tmp_path: Path, grade: Ci
) -> None:
    forge = Forge(tmp_path / "new")
    number = forge.pull(hand())
    text = (forge.trainer / f"labs/{LAB}/lab.yaml").read_text()
    harder = text.replace("version: 1.0.0", "version: 1.0.1").replace("at: 0.9}", "at: 0.9999999}")
    forge.move_on({f"labs/{LAB}/lab.yaml": harder})
    done = grade(forge, number, "--out", tmp_path / "out")
    assert done.returncode == 1, done.stderr
    result = report(tmp_path / "out")["rows"][0]["result"]
    assert (result["lab"]["version"], result["verdict"]) == ("1.0.1", "failed")


def test_the_trusted_commit_may_be_another_than_the_base(tmp_path: Path, grade: Ci) -> None:
    forge = Forge(tmp_path / "new")
    number = forge.pull(hand())
    before = forge.base
    forge.move_on({f"labs/{LAB}/lab.yaml": "schema: labrun/v0\n"})
    assert grade(forge, number, "--trusted", before).returncode == 0
    done = grade(forge, number)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error: " in done.stderr


def test_nothing_of_the_repository_s_own_settings_runs(tmp_path: Path, grade: Ci) -> None:
    forge = Forge(tmp_path / "new")
    canary = tmp_path / "canary"
    number = forge.pull(hand())
    spoil = f"touch {canary}"
    for name in ("core.fsmonitor", "filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv"):
        git(forge.bare, "config", name, spoil)
    forge.move_on({".gitattributes": "* filter=evil diff=evil\n"})
    (forge.bare / "hooks").mkdir(exist_ok=True)
    for name in ("post-checkout", "pre-commit", "reference-transaction"):
        hook = forge.bare / "hooks" / name
        hook.write_text(f"#!/bin/sh\n{spoil}\n")
        hook.chmod(0o755)
    assert grade(forge, number).returncode == 0
    assert not canary.exists()


def test_a_hostile_amendment_after_a_grade_gets_none(
    forge: Forge, grade: Ci, tmp_path: Path
) -> None:
    fork = forge.fork()
    hand()(fork)
    commit(fork)
    number = forge.number
    forge.push(fork, number)
    assert grade(forge, number).returncode == 0
    write(fork, {f"labs/{LAB}/lab.yaml": "schema: labrun/v1\n"})
    git(fork, "add", "-A", "--force")
    git(fork, "commit", "-q", "--amend", "-m", "the same, honestly")
    forge.push(fork, number)
    done = grade(forge, number, "--out", tmp_path / "out")
    assert done.returncode == 3
    assert report(tmp_path / "out")["rows"] == []


def test_one_folder_of_several_can_be_graded_alone(forge: Forge, grade: Ci, tmp_path: Path) -> None:
    def change(root: Path) -> None:
        hand()(root)
        hand_in(root, "work/ada/again", "ada")

    number = forge.pull(change)
    done = grade(forge, number, "--only", "work/ada/again", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert [row["work"]["folder"] for row in report(tmp_path / "out")["rows"]] == ["work/ada/again"]
    done = grade(forge, number, "--only", "work/bob")
    assert done.returncode == 2
    assert "help: it touches: work/ada/again, work/ada/phases" in done.stderr


def test_what_a_lab_does_not_ask_for_is_not_sent(forge: Forge, grade: Ci, tmp_path: Path) -> None:
    def change(root: Path) -> None:
        hand()(root)
        write(root, {f"{MINE}/notes.md": "x", f"{MINE}/tests/test_mine.py": "x"})

    grade(forge, forge.pull(change), "--out", tmp_path / "out")
    (row,) = report(tmp_path / "out")["rows"]
    assert sorted(row["result"]["submission"]["files"]) == ["plain.py", "solution.py"]


def test_a_missing_file_is_the_learner_s_and_named_as_it_is_called_there(
    forge: Forge, grade: Ci, tmp_path: Path
) -> None:
    def change(root: Path) -> None:
        hand()(root)
        (root / MINE / "solution.py").unlink()

    done = grade(forge, forge.pull(change), "--out", tmp_path / "out")
    assert done.returncode == 2
    (row,) = report(tmp_path / "out")["rows"]
    assert row["error"] == f"{MINE} lacks solution.py"
    assert "cannot be graded" in (tmp_path / "out/summary.md").read_text()
    assert 'failure message="work/ada/phases lacks' in (tmp_path / "out/junit.xml").read_text()


def test_public_checks_need_no_ledger(forge: Forge, ci: Ci, tmp_path: Path, home: Path) -> None:
    out = tmp_path / "out"
    done = ci("check", forge, forge.pull(hand()), "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{LAB}: 2 of 2 public checks passed, unofficial\n"
    assert "public checks only" in (out / "summary.md").read_text()
    assert not (home / "ledger.db").exists()


@pytest.mark.docker
def test_the_same_files_get_the_earlier_result_in_whatever_commit(
    forge: Forge, grade: Ci, tmp_path: Path
) -> None:
    one, other = forge.pull(hand()), forge.pull(hand())
    first = grade(forge, one, "--out", tmp_path / "one", LABRUN_SANDBOX="docker")
    assert (first.returncode, first.stdout) == (0, f"{LAB}: passed 100/100\n"), first.stderr
    again = grade(forge, other, "--out", tmp_path / "other", LABRUN_SANDBOX="docker")
    assert again.returncode == 0, again.stderr
    before, after = (report(tmp_path / name)["rows"][0] for name in ("one", "other"))
    assert (before["earlier"], after["earlier"]) == (False, True)
    assert after["result"]["submission"]["id"] == before["result"]["submission"]["id"]
    assert "nothing spent" in (tmp_path / "other/summary.md").read_text()
