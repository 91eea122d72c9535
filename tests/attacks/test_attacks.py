"""Every folder here is a submission that is hostile or broken; README.md has the format.

Each is graded as any other: by `labrun.app.submit` in the real Docker sandbox, in a fresh home.
"""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import yaml

from labrun.app.progress import Silence
from labrun.app.settings import Settings
from labrun.app.submit import Request, preview, submit
from labrun.domain.evidence import Ending
from labrun.domain.record import Record
from labrun.domain.result import Result
from labrun.errors import RefusedError, SubmissionError
from labrun.report import FORMATS
from labrun.sandbox import owner
from labrun.sandbox.labels import OWNER_LABEL
from labrun.store import datasets

HERE = Path(__file__).parent
LAB = HERE / "lab"
LEARNER = "mallory"
CANARY = "the canary sings\n"
PLANTED = re.compile(r"3133707|4242407")  # digits of hidden labels, features and tests: lab/
RESULT_BYTES = 400_000
CASES = sorted(path.parent for path in HERE.glob("*/expect.yaml"))

pytestmark = [
    pytest.mark.docker,
    # Sockets left to the garbage collector are for the sandbox's own tests to find.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    # Learners run labrun with warnings as warnings, and hostile numbers overflow.
    pytest.mark.filterwarnings("default::RuntimeWarning"),
]


class Expect(Record):
    """What must become of one submission."""

    why: str
    lab: Literal[
        "attack-call",
        "attack-model",
        "attack-notebook",
        "attack-phases",
        "attack-predictions",
        "attack-run",
    ]
    remove: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    archive: str | None = None
    status: Literal["graded", "invalid", "refused-at-intake"]
    verdict: Literal["passed", "failed"] | None
    phase: str | None
    ending: Ending | None
    check: str | None
    message: str | None
    never: str | None
    never_html: str | None = None
    at_most_seconds: float


class Answer(Record):
    """Everything a learner is told, and the result behind it where there is one."""

    text: str
    html: str = ""
    json_text: str = ""
    result: Result | None = None
    seconds: float


def expected(case: Path) -> Expect:
    return Expect.model_validate(yaml.safe_load((case / "expect.yaml").read_text("utf-8")))


def assemble(case: Path, target: Path, canary: Path) -> Path:
    """Lay the submission over the lab's solution, as expect.yaml says."""
    expect = expected(case)
    shutil.copytree(LAB / "labs" / expect.lab / "solution", target)
    for name in expect.remove:
        (target / name).unlink()
    for name in expect.uses:
        shutil.copy(LAB / "kit" / name, target / name)
    if (case / "submission").is_dir():
        shutil.copytree(case / "submission", target, dirs_exist_ok=True)
    if (case / "make.py").exists():
        spec = importlib.util.spec_from_file_location("make", case / "make.py")
        assert spec
        assert spec.loader
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        made.make(target)
    for path in target.glob("*.py"):
        if not path.is_symlink():
            path.write_bytes(path.read_bytes().replace(b"@CANARY@", str(canary).encode()))
    return target / expect.archive if expect.archive else target


def settings_in(home: Path) -> Settings:
    return Settings(
        home=home,
        labs=LAB / "labs",
        datasets=LAB / "datasets",
        containers=HERE.parents[1] / "containers",
        learner=LEARNER,
    )


def grade(lab: str, code: Path, home: Path) -> Answer:
    """Submit as the command line does, and return what the learner is told."""
    request = Request(lab=LAB / "labs" / lab, code=code, learner=LEARNER)
    started = time.monotonic()
    try:
        preview(request, settings_in(home), Silence())
        result = submit(request, settings_in(home), Silence()).result
    except (SubmissionError, RefusedError) as error:
        text = f"error: {error}\nhelp: {error.help}"
        return Answer(text=text, seconds=time.monotonic() - started)
    return Answer(
        text=FORMATS["text"](result),
        html=FORMATS["html"](result),
        json_text=FORMATS["json"](result),
        result=result,
        seconds=time.monotonic() - started,
    )


def judge(answer: Answer, expect: Expect) -> None:
    """Compare an answer with what expect.yaml says."""
    result = answer.result
    told = answer.text if result else f"{answer.text}\n(refused)"
    assert expect.status == (result.status if result else "refused-at-intake"), told
    if result:
        assert result.verdict == expect.verdict, told
        if expect.verdict == "passed":
            assert result.score == 100, told
        _judge_phase(result, expect, told)
        _judge_check(result, expect, told)
    if expect.message:
        assert re.search(expect.message, answer.text), told
    for text in (answer.text, answer.json_text):
        assert not (expect.never and re.search(expect.never, text)), text
    assert not (expect.never_html and re.search(expect.never_html, answer.html)), answer.html
    assert answer.seconds < expect.at_most_seconds, told


def _judge_phase(result: Result, expect: Expect, told: str) -> None:
    endings = {phase.name: phase.ending for phase in result.phases}
    if expect.ending:
        assert endings.get(expect.phase or "") == expect.ending, told
    elif result.status == "graded":
        assert set(endings.values()) <= {Ending.DONE}, told


def _judge_check(result: Result, expect: Expect, told: str) -> None:
    outcomes = {check.id: check.outcome for check in result.checks}
    if expect.check:
        assert outcomes[expect.check] == "failed", told
        assert result.score is not None, told
        assert result.score < 100, told


def nothing_hidden_is_told(answer: Answer) -> None:
    for text in (answer.text, answer.json_text, answer.html):
        found = PLANTED.search(text)
        assert not found, text[max(0, found.start() - 300) : found.end() + 300]
        assert "test_standardise" not in text
    assert len(answer.json_text) < RESULT_BYTES
    assert len(answer.text) < RESULT_BYTES
    answer.text.encode("utf-8")
    json.loads(answer.json_text or "{}")


def remove_containers() -> list[str]:
    """Return the containers this process is answerable for, having removed them."""
    import docker  # noqa: PLC0415  (collecting the tests needs no Docker)

    label = f"{OWNER_LABEL}={owner.current().label()}"
    client = docker.APIClient(version="auto")
    try:
        found = [each["Id"] for each in client.containers(all=True, filters={"label": label})]
        for container in found:
            client.remove_container(container, force=True)
    finally:
        client.close()
    return found


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of prepared data, so that not every case prepares its own."""
    folder = tmp_path_factory.mktemp("data")
    datasets.prepare(LAB / "datasets" / "planes", folder)
    return folder


@pytest.fixture
def home(tmp_path: Path, prepared: Path) -> Path:
    home = tmp_path / "home"
    shutil.copytree(prepared, home / "data")
    return home


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    path = tmp_path / "canary"
    path.write_text(CANARY, encoding="utf-8")
    return path


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return an empty temporary folder, with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="atk") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_attack_ends_as_expected_and_leaves_nothing_behind(
    case: Path, tmp_path: Path, home: Path, canary: Path, scratch: Path
) -> None:
    expect = expected(case)
    code = assemble(case, tmp_path / "code", canary)
    remove_containers()  # of a test before this one that failed
    answer = grade(expect.lab, code, home)
    left = remove_containers()
    judge(answer, expect)
    nothing_hidden_is_told(answer)
    assert left == []
    assert canary.read_text(encoding="utf-8") == CANARY
    assert not list(tmp_path.glob("canary?*"))
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    "hostile", ["resources-fork-bomb", "resources-fill-everything", "resources-endless-stdout"]
)
def test_an_attack_beside_it_changes_no_honest_grade(
    hostile: str, tmp_path: Path, home: Path, canary: Path
) -> None:
    other = assemble(HERE / hostile, tmp_path / "hostile", canary)
    shutil.copytree(home, tmp_path / "other")
    command = [sys.executable, __file__, str(other), str(tmp_path / "other")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as beside:
        answer = grade("attack-call", LAB / "labs" / "attack-call" / "solution", home)
        said, _ = beside.communicate(timeout=120)
    assert answer.result
    assert (answer.result.verdict, answer.result.score) == ("passed", 100), answer.text
    assert said.decode().startswith("failed"), said.decode()


def test_the_corpus_covers_every_class() -> None:
    classes = [case.name.partition("-")[0] for case in CASES]
    for kind in ("resources", "escape", "cheating", "trust", "mistake", "archive"):
        assert classes.count(kind) >= 5


if __name__ == "__main__":  # the other learner of the test above, in a process of its own
    told = grade("attack-call", Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write(f"{told.result.verdict if told.result else 'refused'}\n{told.text}")
