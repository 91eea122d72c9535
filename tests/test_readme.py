"""What the README and the guides name is there, and is called so."""

import re
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from labrun import errors
from labrun.cli.main import COMMANDS, labrun
from labrun.domain.lab import (
    Attempts,
    CheckSpec,
    Controls,
    Grading,
    Lab,
    Leaderboard,
    Limits,
    Phase,
    SubmissionRules,
    Use,
)
from labrun.domain.record import Record
from labrun.grading.check import CHECKS
from labrun.grading.metric import METRICS
from labrun.store.datasets import Dataset

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
ROOTS = ("benchmarks", "containers", "datasets", "docs", "labs", "runner", "tests")
PATH = re.compile(rf"`((?:{'|'.join(ROOTS)})/[\w./-]*)`")
COLUMNS = 80


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code_of(page: Path) -> list[str]:
    """Return every line of code on a page: in fences, indented and in backticks."""
    text = text_of(page)
    fenced = [
        line
        for body in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for line in body.splitlines()
    ]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    indented = [line.strip() for line in prose.splitlines() if line.startswith("    ")]
    return [*fenced, *indented, *re.findall(r"`([^`\n]+)`", prose)]


def first_command(line: str) -> str | None:
    """Return the labrun command a line of code begins with, its description cut off."""
    line = re.split(r"\s{2,}", line.removeprefix("$ "))[0]
    return line.removeprefix("labrun ") if line.startswith("labrun ") else None


def commands() -> list[str]:
    found = {said for page in PAGES for line in code_of(page) if (said := first_command(line))}
    return sorted(found)


def resolve(words: list[str]) -> click.Command:
    """Return the command that ``words`` begin with; fail where there is none."""
    command: click.Command = labrun
    context = click.Context(labrun, info_name="labrun")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        if words[0] == "COMMAND":
            break
        found = command.get_command(context, words.pop(0))
        assert found is not None, "there is no such command"
        command = found
    return command


def row_starts(page: Path) -> set[str]:
    """Return every name in backticks that stands in the first or second cell of a table row."""
    rows = [line.split("|") for line in text_of(page).splitlines() if line.startswith("|")]
    return {name for row in rows for cell in row[1:3] for name in re.findall(r"`([^`]+)`", cell)}


def test_the_help_text_in_the_readme_is_the_program_s() -> None:
    shown = CliRunner().invoke(
        labrun, ["--help"], prog_name="labrun", env={"COLUMNS": str(COLUMNS)}
    )
    quoted = re.search(r"^\$ labrun --help\n(.*?)^```", text_of(README), re.MULTILINE | re.DOTALL)
    assert quoted
    assert quoted[1] == shown.output


def test_the_readme_leads_with_two_commands() -> None:
    first = [line.split()[:2] for line in text_of(README).splitlines() if line.startswith("    ")]
    assert first[:2] == [["make", "demo"], ["make", "test"]]


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", text_of(ROOT / "Makefile"), re.MULTILINE))
    named = {
        found[1]
        for page in PAGES
        for line in code_of(page)
        if (found := re.match(r"make ([a-z-]+)", line))
    }
    assert {"demo", "test", "check"} <= named <= targets


@pytest.mark.parametrize("said", commands())
def test_every_command_that_is_named_exists(said: str) -> None:
    words = said.split()
    command = resolve(words)
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    known |= {"--help", "-h"}
    assert not {word for word in words if re.match(r"--?[a-z]", word)} - known


def test_every_command_is_named_in_a_guide() -> None:
    assert COMMANDS.keys() == {said.split()[0] for said in commands()} - {"COMMAND", "--help"}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_and_every_path_leads_somewhere(page: Path) -> None:
    text = text_of(page)
    links = [page.parent / target for target in LINK.findall(text)]
    paths = [ROOT / target for target in PATH.findall(text)]
    assert not [str(path) for path in (*links, *paths) if not path.exists()]


def test_every_lab_is_in_the_readme_as_it_calls_itself() -> None:
    text = text_of(README)
    for path in sorted((ROOT / "labs").glob("*/lab.yaml")):
        lab = yaml.safe_load(text_of(path))
        cells = [f"`{lab['slug']}`", lab["title"], lab["track"], str(lab["minutes"]), lab["image"]]
        assert f"| {' | '.join(cells)} |" in text


def test_every_setting_is_in_the_readme() -> None:
    source = text_of(ROOT / "runner" / "labrun" / "cli" / "settings.py")
    read = set(re.findall(r"get\(\"([A-Z_]+)\"\)", source)) - {"DISPLAY", "WAYLAND_DISPLAY"}
    table = text_of(README).partition("\n## Settings\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE)) == read


def test_every_exit_code_is_in_the_readme() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    codes = {each.exit_code for each in kinds if issubclass(each, errors.LabrunError)} | {0, 1}
    assert {
        int(code) for code in re.findall(r"^\| (\d) \|", text_of(README), re.MULTILINE)
    } == codes


def test_every_metric_is_in_the_guide_to_grading() -> None:
    assert METRICS.all().keys() <= row_starts(ROOT / "docs" / "grading.md")


def test_every_check_and_its_options_are_in_the_guide_for_authors() -> None:
    named = row_starts(ROOT / "docs" / "author.md")
    for name, kind in CHECKS.all().items():
        assert {name, *kind.options.model_fields} <= named, name


@pytest.mark.parametrize(
    "record",
    [
        Lab,
        Limits,
        Phase,
        CheckSpec,
        SubmissionRules,
        Grading,
        Attempts,
        Leaderboard,
        Controls,
        Use,
        Dataset,
    ],
    ids=lambda record: record.__name__,
)
def test_every_key_an_author_may_write_is_in_the_guide(record: type[Record]) -> None:
    text = text_of(ROOT / "docs" / "author.md")
    keys = {field.alias or name for name, field in record.model_fields.items()}
    assert not {key for key in keys if f"`{key}`" not in text}
