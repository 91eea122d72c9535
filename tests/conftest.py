import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LABS = sorted(path.parent for path in (ROOT / "labs").glob("*/lab.yaml"))


def engine_answers() -> bool:
    asked = subprocess.run(
        ["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, check=False
    )
    return asked.returncode == 0


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT
