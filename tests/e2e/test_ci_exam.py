"""In an exam nothing that `labrun ci` prints or writes holds a hidden value, in any spelling."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from tests.e2e import leaky_lab
from tests.e2e.git_course import commit, git, git_init, invoke, marker, write
from tests.e2e.test_exam_withholding import spellings

from labrun.store.evidence import EvidenceStore

pytestmark = pytest.mark.docker

SECRET = 731946285
CHANNELS = ("noise", "raises", "error")
RULES = "schema: labrun/ci/v1\nmode: exam\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that says it is an exam, and a branch on which everything is tried to tell."""
    root = tmp_path_factory.mktemp("exam")
    git_init(root / "course")
    leaky_lab.write(root / "lab", SECRET)
    for name in ("labs", "datasets"):
        shutil.copytree(root / "lab" / name, root / "course" / name)
    write(root / "course", {"labrun-ci.yaml": RULES})
    commit(root / "course", "the exam")
    git(root / "course", "switch", "-q", "-c", "topic")
    for channel in CHANNELS:
        folder = root / "course/work/mallory" / channel
        leaky_lab.lay(folder, leaky_lab.CHANNELS[channel])
        write(folder, {".labrun/workspace.json": marker(leaky_lab.LAB, "mallory")})
    commit(root / "course", "my exam")
    return root


def test_nothing_that_is_printed_or_written_holds_a_hidden_value(course: Path) -> None:
    home = course / "home"
    env = {
        "LABRUN_HOME": str(home),
        "LABRUN_RELEASE_SECONDS": "0",
        "LABRUN_POOL": "0",
        "LABRUN_LABS": None,
        "LABRUN_MODE": None,
    }
    refs = ("--base", "main", "--head", "topic", "--account", "mallory")
    where = ("--repository", course / "course", "--out", course / "out", "--no-record")
    done = invoke("ci", "grade", *refs, *where, **env)
    assert done.returncode == 1, done.stderr
    again = invoke("ci", "grade", *refs, *where, "--json", **env)
    seen = {path.name: path.read_text() for path in (course / "out").iterdir()}
    seen |= {"stdout": done.stdout + again.stdout, "stderr": done.stderr + again.stderr}
    seen["changed"] = "".join(invoke("ci", "changed", *refs, *where[:2], **env)[1:])
    assert len(seen) == 11
    assert seen["summary.md"].count("EXAM: outcomes and points only") == len(CHANNELS)
    for name, text in seen.items():
        for how, spelled in spellings(SECRET).items():
            assert spelled.lower() not in text.lower(), f"{how}, in {name}"
    with sqlite3.connect(home / "ledger.db") as database:
        digests = [row[0] for row in database.execute("SELECT evidence FROM grades")]
    database.close()
    store = EvidenceStore(home / "evidence")
    logs = [store.load(digest).phases[1].log for digest in digests]
    assert len(logs) == len(CHANNELS)
    assert any(str(SECRET) in log for log in logs)  # it was there to be told
