"""The audit of a whole lab: constants, bytes of answers and tests, and what a lab allows."""

import csv
import shutil
from pathlib import Path

import pytest

from labrun.app.audit import audit
from labrun.app.progress import Silence
from labrun.app.settings import Settings
from labrun.domain.audit import Flaw, FlawName, Severity
from labrun.errors import LabError

ROOT = Path(__file__).parents[3]
HOSTILE = ROOT / "tests/attacks/lab"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def settings(tmp_path: Path, home: Path) -> Settings:
    shutil.copytree(HOSTILE / "labs/attack-call", tmp_path / "labs/attack-call")
    return Settings(
        home=home,
        labs=tmp_path / "labs",
        datasets=HOSTILE / "datasets",
        containers=ROOT / "containers",
        learner="author",
    )


@pytest.fixture
def lab(settings: Settings) -> Path:
    return settings.labs / "attack-call"


def flaws(lab: Path, settings: Settings) -> list[Flaw]:
    return audit(lab, settings=settings, progress=Silence())


def named(lab: Path, settings: Settings) -> set[FlawName]:
    return {flaw.name for flaw in flaws(lab, settings)}


def hidden_answers(home: Path) -> list[str]:
    path = next((home / "data/planes").glob("*/private/truth.csv"))
    return [row["y"] for row in csv.DictReader(path.read_text().splitlines())]


def change(lab: Path, old: str, new: str) -> None:
    path = lab / "lab.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_a_lab_of_few_rows_has_that_flaw_alone(lab: Path, settings: Settings) -> None:
    (flaw,) = flaws(lab, settings)
    assert (flaw.name, flaw.severity, flaw.number) == (FlawName.HIDDEN_SIZE, Severity.ERROR, 300)


def test_few_rows_are_no_error_in_a_lab_for_practice(lab: Path, settings: Settings) -> None:
    with (lab / "lab.yaml").open("a") as file:
        file.write("use: {exam: false, why: only 300 planes are hidden}\n")
    (flaw,) = flaws(lab, settings)
    assert (flaw.name, flaw.severity) == (FlawName.HIDDEN_SIZE, Severity.WARNING)
    (held,) = audit(lab, settings=settings, progress=Silence(), exam=True)
    assert held.severity is Severity.ERROR


def test_a_mark_that_a_constant_reaches_is_an_error(lab: Path, settings: Settings) -> None:
    change(lab, "at: 0.9", "at: 0.0")
    flaw = next(each for each in flaws(lab, settings) if each.name is FlawName.CONSTANT_EARNS)
    assert (flaw.name, flaw.severity, flaw.number) == (FlawName.CONSTANT_EARNS, Severity.ERROR, 50)


@pytest.mark.parametrize("layout", ["\n", ", ", "' '"])
def test_answers_in_a_learner_s_file_are_found_however_they_are_written(
    lab: Path, settings: Settings, home: Path, layout: str
) -> None:
    flaws(lab, settings)
    copied = layout.join(hidden_answers(home)[50:70])
    starter = lab / "starter/solution.py"
    starter.write_text(f"{starter.read_text()}\nVALUES = '''{copied}'''\n")
    found = [flaw for flaw in flaws(lab, settings) if flaw.name is FlawName.LABEL_BYTES]
    assert [(flaw.where, flaw.number) for flaw in found] == [("solution.py", 20)]


def test_a_few_answers_in_another_order_are_no_copy(
    lab: Path, settings: Settings, home: Path
) -> None:
    flaws(lab, settings)
    (lab / "starter/notes.txt").write_text("\n".join(sorted(hidden_answers(home)[:30])))
    assert named(lab, settings) == {FlawName.HIDDEN_SIZE}


def test_a_hidden_test_in_the_readme_is_found(lab: Path, settings: Settings) -> None:
    source = (lab / "hidden/test_functions.py").read_text().replace("\n    ", "\n        ")
    (lab / "README.md").write_text(f"# Task\n\n{source}")
    (flaw,) = (f for f in flaws(lab, settings) if f.name is FlawName.LABEL_BYTES)
    assert flaw.severity is Severity.ERROR
    assert flaw.says.startswith("100 % of hidden/test_functions.py stand in README.md")


@pytest.mark.parametrize("secret", ["solution/solution.py", "hidden/test_functions.py"])
def test_a_secret_file_among_the_starter_s_is_found(
    lab: Path, settings: Settings, secret: str
) -> None:
    shutil.copyfile(lab / secret, lab / "starter/extra.py")
    assert f"which is {secret} byte by byte" in str(flaws(lab, settings))


def test_a_flaw_that_the_lab_allows_carries_the_reason(lab: Path, settings: Settings) -> None:
    with (lab / "lab.yaml").open("a") as file:
        file.write("audit: {allow: {hidden-size: there are no more planes}}\n")
    (flaw,) = flaws(lab, settings)
    assert flaw.allowed == "there are no more planes"


@pytest.mark.parametrize(
    ("written", "place", "said"),
    [
        ("audit: {allow: {hiden-size: no more rows there}}", ":24:17:", "hidden-size"),
        ("audit: {allow: {hidden-size: so}}", ":24:30:", "at least 8 characters"),
        ("audit: {allow: {hidden-size: }}", ":24:", "expected text"),
        ("audit: {alow: {}}", ":24:9:", "did you mean 'allow'?"),
    ],
)
def test_what_a_lab_allows_is_read_strictly(
    lab: Path, settings: Settings, written: str, place: str, said: str
) -> None:
    with (lab / "lab.yaml").open("a") as file:
        file.write(f"{written}\n")
    with pytest.raises(LabError) as caught:
        flaws(lab, settings)
    assert place in str(caught.value)
    assert said in str(caught.value)


def test_a_lab_without_data_is_audited_too(lab: Path, settings: Settings) -> None:
    text = (lab / "lab.yaml").read_text()
    text = text.replace("dataset: planes\n", "")
    head, _, rest = text.partition("phases:\n")
    checks = rest[rest.index("checks:") :].splitlines()
    kept = [line for line in checks if "contract}" not in line and "quality" not in line]
    kept = [line.replace("needs: [contract], ", "") for line in kept if "schema" not in line]
    (lab / "lab.yaml").write_text(head + "\n".join(kept) + "\n")
    assert flaws(lab, settings) == []
