"""A trainer looks for copies among what was handed in and graded."""

import json
from pathlib import Path

from tests.e2e.conftest import FAST_LABS, Run

SOLUTION = (FAST_LABS / "attack-call" / "solution" / "plain.py").read_text()
OWN = """

def trimmed(values, share):
    ordered = sorted(values)
    cut = int(len(ordered) * share)
    kept = ordered[cut : len(ordered) - cut] or ordered
    return sum(kept) / len(kept)


def pairs(first, second):
    found = {}
    for left, right in zip(first, second):
        if left not in found and right is not None:
            found[left] = [right, right * 2, -right]
    return {key: max(value) for key, value in found.items()}


def clipped(values, low, high):
    return [min(max(value, low), high) if value == value else low for value in values]
"""


def hand_in(labrun: Run, folder: Path, learner: str, code: str) -> None:
    folder.mkdir()
    (folder / "solution.py").write_text(code)
    done = labrun(
        "grade", folder, "--lab", "attack-call", "--sandbox", "process", "--json",
        LABRUN_TRACKING_URI="http://127.0.0.1:9",
    )  # fmt: skip
    assert json.loads(done.stdout)[0]["learner"] == learner, done.stderr


def test_a_renamed_copy_among_graded_submissions_is_shown_to_the_trainer(
    labrun: Run, tmp_path: Path
) -> None:
    renamed = OWN.replace("values", "zahlen").replace("found", "tabelle").replace("2", "3")
    hostile = "    # </td><script>alert(1)</script>\n    return"
    hand_in(labrun, tmp_path / "ada", "ada", SOLUTION + OWN)
    hand_in(labrun, tmp_path / "ben", "ben", renamed.replace("    return", hostile) + SOLUTION)
    asked = labrun("similarity", "attack-call", "--json", "--html", tmp_path / "page.html")
    assert asked.returncode == 0, asked.stderr
    found = json.loads(asked.stdout)
    assert [member["name"] for member in found["members"]] == ["ben", "ada"]
    assert found["pairs"][0]["score"] > 0.8
    page = (tmp_path / "page.html").read_text()
    assert "kept = ordered[cut : len(ordered) - cut] or ordered" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    told = labrun("similarity", "attack-call")
    assert told.returncode == 0
    assert "2 submissions, 1 pairs" in told.stdout
    assert (tmp_path / "home" / "reports" / "similarity-attack-call.html").is_file()


def test_a_lab_that_does_not_exist_is_two_lines_and_exit_code_2(labrun: Run) -> None:
    asked = labrun("similarity", "nothing")
    assert asked.returncode == 2
    assert asked.stderr.startswith("error: there is no lab called 'nothing'\nhelp: ")
