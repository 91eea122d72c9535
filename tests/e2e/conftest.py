import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FAST_LABS = ROOT / "tests/attacks/lab/labs"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of labrun's that nobody else uses."""
    return tmp_path / "home"


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """What the command is given: a plain environment, so that no test sees the developer's."""
    return {
        "PATH": os.environ["PATH"],  # noqa: TID251  (a test starts the real command)
        "HOME": str(home.parent),
        "LABRUN_HOME": str(home),
        "LABRUN_LABS": str(FAST_LABS),
        "LABRUN_LEARNER": "ada",
        "LABRUN_POOL": "0",  # what waits for the next command would count as left over
        "OMP_NUM_THREADS": "1",
        "NO_COLOR": "1",
        **{name: value for name, value in os.environ.items() if name.startswith("COV")},  # noqa: TID251  (likewise)
    }


@pytest.fixture
def labrun(environment: dict[str, str], tmp_path: Path) -> Run:
    """The real command, in a process of its own."""

    def run(*argv: str | Path, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*argv), cwd=tmp_path, env=environment | changes, capture_output=True,
            text=True, timeout=300, check=False,
        )  # fmt: skip

    return run


def command(*argv: str | Path) -> list[str]:
    """Return the words that run labrun with the arguments given."""
    return [sys.executable, "-P", "-m", "labrun", *map(str, argv)]


def containers(label: str) -> list[str]:
    """Return the containers that carry a label, running or not."""
    asked = ["docker", "ps", "-aq", "--filter", f"label={label}"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a file system of its own, so that it can be full or read-only for real."""
    if os.geteuid() != 0:
        pytest.skip("mounting a file system takes root")
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        folder = tmp_path / f"disk-{uuid.uuid4().hex[:6]}"
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], check=True)
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "-l", folder], check=True)
