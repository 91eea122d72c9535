"""The commands of authors, on a lab of a test's own and in the process sandbox."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner
from tests.unit.cli.conftest import FAST_LABS, LAB, Labrun

from labrun.app.attack import Attacked
from labrun.app.new_data import Kind
from labrun.app.new_lab import Choices, Made
from labrun.app.new_marks import Marks
from labrun.app.validate import Step
from labrun.cli import main
from labrun.cli.lab import attack_command, new_command

NEVER = "no hidden answer may be told"


@pytest.fixture
def course(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of labs and data sets that a test may change."""
    assert not home.exists()
    folder = tmp_path / "course"
    shutil.copytree(FAST_LABS / LAB, folder / "labs" / LAB)
    shutil.copytree(FAST_LABS.parent / "datasets", folder / "datasets")
    monkeypatch.setenv("LABRUN_LABS", str(folder / "labs"))
    return folder


def alter(course: Path, **changes: Any) -> None:
    path = course / "labs" / LAB / "lab.yaml"
    lab = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump(lab | changes))


def test_a_flaw_is_told_with_what_to_do_and_exit_code_1(course: Path, labrun: Labrun) -> None:
    told = labrun("lab", "audit", LAB)
    assert (told.code, told.out.splitlines()[0]) == (1, f"{LAB}: 1 error")
    assert "  error    hidden-size  " in told.out
    assert "to do: " in told.out
    asked = labrun("lab", "audit", "--json")
    (flaw,) = json.loads(asked.out)
    assert (asked.code, flaw["lab"], flaw["name"]) == (1, LAB, "hidden-size")
    assert course.exists()


def test_a_flaw_that_is_allowed_is_shown_with_its_reason_and_exit_code_0(
    course: Path, labrun: Labrun
) -> None:
    alter(course, audit={"allow": {"hidden-size": "a target for tests"}})
    told = labrun("lab", "audit", LAB)
    assert (told.code, told.out.splitlines()[0]) == (0, f"{LAB}: 1 allowed")
    assert "  allowed  hidden-size  " in told.out
    assert "allowed: a target for tests" in told.out


def test_a_lab_for_practice_is_held_to_an_exam_s_needs_when_asked(
    course: Path, labrun: Labrun
) -> None:
    alter(course, use={"exam": False, "why": "300 hidden rows"})
    assert labrun("lab", "audit", LAB).code == 0
    assert labrun("lab", "audit", LAB, "--exam").code == 1


def hidden_answers(home: Path) -> set[str]:
    (path,) = (home / "data/planes").glob("*/private/truth.csv")
    return {row for row in path.read_text().split()[1:] if len(row) > 6}


def test_a_preview_shows_what_learners_get_are_told_and_do_not_get(
    course: Path, labrun: Labrun, home: Path
) -> None:
    alter(course, objectives=["code.hostile"], prerequisites=["a01-before"])
    told = labrun("lab", "preview", LAB)
    assert told.code == 0, told.err
    parts = told.out.split("\n\n")
    heads = [part.splitlines()[0] for part in parts]
    assert heads[0].startswith(f"lab {LAB} 1.0.0: ")
    assert "  comes after a01-before" in parts[0].splitlines()
    assert f"`labrun start {LAB}` gives" in heads
    assert "README.md reads" in heads
    assert [head for head in heads if head.startswith("table ")]
    given, withheld = parts[heads.index(f"`labrun start {LAB}` gives")], parts[-1]
    assert "solution.py" in given
    assert "hidden/" not in given
    assert withheld.startswith("not given to learners")
    assert "  hidden/test_functions.py  " in withheld
    assert "  data set planes: private/truth.csv  " in withheld
    for name in ("starter", "baseline"):
        (at,) = (n for n, head in enumerate(heads) if head == f"who hands in {name}/ is told")
        assert "FAILED" in "\n\n".join(parts[at:])
    answers = hidden_answers(home)
    assert answers
    assert not {answer for answer in answers if answer in told.out}, NEVER
    assert labrun("history", "--json").out.strip() == "[]"  # nothing of it is kept


def test_a_preview_is_a_page_without_script_and_hands_in_cheats_when_asked(
    course: Path, labrun: Labrun, tmp_path: Path, home: Path
) -> None:
    lab = course / "labs" / LAB
    shutil.copytree(lab / "baseline", lab / "cheats" / "lazy")
    controls = {"solution": "passed", "baseline": "failed", "cheats": {"lazy": "quality"}}
    alter(course, controls=controls, title="A <script>title</script>")
    page = tmp_path / "preview.html"
    told = labrun("lab", "preview", LAB, "--run", "--html", page)
    assert (told.code, told.out) == (0, ""), told.err
    assert f"wrote {page}" in told.err
    text = page.read_text()
    assert "A &lt;script&gt;title&lt;/script&gt;" in text
    assert "<script" not in text
    assert "cheats/lazy" in text
    assert not {answer for answer in hidden_answers(home) if answer in text}, NEVER


def test_a_preview_for_programs_holds_the_same(course: Path, labrun: Labrun) -> None:
    (course / "labs" / LAB / "starter" / "solution.py").write_text("def fit(:\n")
    found = json.loads(labrun("lab", "preview", LAB, "--json").out)
    told = {each["name"]: each for each in found["told"]}
    assert told["starter"]["result"]["status"] == "invalid"
    assert told["baseline"]["result"]["verdict"] == "failed"
    assert {each["id"]: each["public"] for each in found["checks"]}["functions"] is False


def test_a_lab_is_made_and_what_it_took_is_said(course: Path, labrun: Labrun) -> None:
    told = labrun("lab", "new", "x01-first-steps", "--kind", "functions-only", "--yes")
    assert told.code == 0, told.err
    folder = course / "labs" / "x01-first-steps"
    assert f"  wrote  {folder / 'lab.yaml'}" in told.out
    assert "ok    solution: " in told.out
    assert "FAIL" not in told.out
    assert "labrun lab validate x01-first-steps" in told.out
    lab = yaml.safe_load((folder / "lab.yaml").read_text())
    assert (lab["title"], lab["track"], lab["minutes"]) == ("X01 first steps", "attacks", 60)


@pytest.fixture
def asked(course: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Choices, Any]]:
    """What the author chose, by way of the questions alone: nothing is made."""
    seen: list[tuple[Choices, Any]] = []

    def make(choices: Choices, material: Any, **_: Any) -> Made:
        seen.append((choices, material))
        marks = Marks(floor="0.7", full="0.8", baseline="0.65", solution="0.85", error="0.01")
        step = Step(lab=choices.slug, name="baseline", passed=False, detail="score 80, passed")
        return Made(
            lab=course / "labs" / choices.slug,
            dataset=course / "datasets/own",
            files=("lab.yaml",),
            metric=choices.metric,
            marks=marks,
            steps=(step,),
        )

    monkeypatch.setattr(new_command, "make", make)
    return seen


def answer(*argv: str, answers: str) -> Any:
    return CliRunner().invoke(main.labrun, ["lab", "new", *argv], input=answers)


@pytest.fixture
def wine(tmp_path: Path) -> Path:
    path = tmp_path / "wine.csv"
    rows = [f"{n / 7:.3f},{n * 37 % 401},{'good' if n % 3 else 'bad'}" for n in range(400)]
    path.write_text("\n".join(("acid,sugar,quality", *rows)))
    return path


def test_an_author_is_asked_and_the_answers_make_the_lab(
    asked: list[tuple[Choices, Any]], wine: Path
) -> None:
    answers = (
        "Good wine",
        "",
        "45",
        "classification",
        str(wine),
        "quality",
        "accuracy",
        "",
        "CC0",
        "",
    )
    done = answer("w01-wine", answers="\n".join((*answers, "")))
    assert done.exit_code == 1, done.output  # the baseline passes, so the lab does not hold
    ((choices, material),) = asked
    assert choices == Choices(
        slug="w01-wine", title="Good wine", track="attacks", minutes=45, kind=Kind.CLASSIFICATION,
        metric="accuracy", licence="CC0", source="wine.csv",
    )  # fmt: skip
    assert (material.target, material.labels) == ("quality", ("bad", "good"))
    assert "Column to be predicted (acid, sugar, quality)" in done.output
    assert "accuracy: baseline 0.65, solution 0.85" in done.output
    assert "FAIL  baseline: score 80, passed" in done.output


def test_an_option_answers_its_question(
    asked: list[tuple[Choices, Any]], wine: Path, labrun: Labrun
) -> None:
    argv = ("--kind", "regression", "--data", str(wine), "--target", "acid", "--yes", "--json")
    told = labrun("lab", "new", "w01-wine", *argv)
    assert told.out, told.err
    assert json.loads(told.out)["marks"]["floor"] == "0.7", told.err
    ((choices, material),) = asked
    assert (choices.title, choices.metric, material.target) == ("W01 wine", "rmse", "acid")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--title", "ab", "--yes"), "the title 'ab' is too short"),
        (("--kind", "clustering", "--yes"), "no data set of"),
        (
            ("--kind", "regression", "--data", "wine.csv", "--target", "smell", "--yes"),
            "no column 'smell'",
        ),
    ],
)
def test_an_answer_that_cannot_be_is_refused_before_anything_is_made(
    asked: list[tuple[Choices, Any]], wine: Path, labrun: Labrun, argv: tuple[str, ...], said: str
) -> None:
    assert wine.exists()
    told = labrun("lab", "new", "w01-wine", *argv, "--minutes", "5", "--track", "core")
    assert told.code == 2
    assert said in told.err
    assert "help: " in told.err
    assert asked == []


@pytest.mark.parametrize(
    ("complete", "start", "expected"),
    [
        (new_command.complete_data, "wi", ["wine.csv"]),
        (new_command.complete_data, "pl", ["planes"]),
        (new_command.complete_metrics, "rms", ["rmse", "rmsle"]),
        (new_command.complete_tracks, "", ["attacks"]),
        (new_command.complete_images, "tor", ["torch"]),
        (new_command.complete_targets, "s", ["sugar"]),
    ],
)
def test_what_can_be_answered_is_completed(
    course: Path, wine: Path, complete: Any, start: str, expected: list[str]
) -> None:
    assert course.exists()
    context = click.Context(new_command.command)
    context.params = {"data": str(wine)}
    assert complete(context, click.Argument(["x"]), start) == expected


def attacked(name: str, **changes: Any) -> Attacked:
    usual: dict[str, Any] = {
        "lab": LAB, "name": name, "why": f"why {name}", "tried": True, "held": True,
        "detail": "score 0", "seconds": 1.5,
    }  # fmt: skip
    return Attacked(**usual | changes)


def besieged(monkeypatch: pytest.MonkeyPatch, *found: Attacked) -> None:
    def attack(*_: Any, **__: Any) -> Iterator[Attacked]:
        yield from found

    monkeypatch.setattr(attack_command, "attack", attack)


def test_a_lab_that_held_says_against_how_many(
    course: Path, labrun: Labrun, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = attacked("trust-model", tried=False, detail="this lab has no place for it")
    besieged(monkeypatch, attacked("control"), attacked("cheating-nan"), nowhere)
    told = labrun("lab", "attack", LAB, "--only", "cheating-nan", "--only", "trust")
    assert (told.code, told.out.splitlines()[-1]) == (0, f"{LAB} held against 1 attacks")
    assert "held      cheating-nan  score 0  (1.5 s)" in told.out
    assert "no place  trust-model  (1.5 s)" in told.out
    assert course.exists()


def test_a_lab_that_did_not_hold_names_each_attack_and_why_it_matters(
    course: Path, labrun: Labrun, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = attacked("cheating-nan", held=False, detail="it passes with 100 points")
    besieged(monkeypatch, attacked("control"), broken)
    told = labrun("lab", "attack", LAB)
    assert told.code == 1
    assert "NOT HELD  cheating-nan  it passes with 100 points" in told.out
    assert told.out.endswith(f"{LAB} did not hold:\n  cheating-nan: why cheating-nan\n")
    shown = labrun("lab", "attack", LAB, "--json")
    assert [each["held"] for each in json.loads(shown.out)] == [True, False]
    assert (shown.code, course.exists()) == (1, True)
